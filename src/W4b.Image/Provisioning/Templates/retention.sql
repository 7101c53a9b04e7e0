-- Made with the image. Readings older than {{ retention_days }} days go. Counted from the newest reading when that is earlier than now: a clock
-- that is wrong once must not cost all readings.
\set ON_ERROR_STOP on
{{~ if timescale ~}}
SELECT drop_chunks('sensor_readings', older_than => least(now(), max(time)) - interval '{{ retention_days }} days') FROM sensor_readings HAVING count(*) > 0;
{{~ else ~}}
DELETE FROM sensor_readings WHERE time < (SELECT least(now(), max(time)) FROM sensor_readings) - interval '{{ retention_days }} days';
{{~ end ~}}
