-- Made with the image. Readings older than {{ retention_days }} days go. Counted from the newest reading when that is earlier than now: a clock
-- that is wrong once must not cost all readings.
\set ON_ERROR_STOP on
SELECT least(now(), max(time)) - interval '{{ retention_days }} days' AS oldest FROM sensor_readings \gset
{{~ if timescale ~}}
SELECT drop_chunks('sensor_readings', older_than => :'oldest'::timestamptz);
{{~ else ~}}
DELETE FROM sensor_readings WHERE time < :'oldest';
{{~ end ~}}
