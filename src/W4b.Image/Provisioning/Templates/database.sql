-- Made with the image. Brings the database to what is configured; to be run by psql, as often as one likes.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE "{{ role }}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{ role }}') \gexec
ALTER ROLE "{{ role }}" LOGIN PASSWORD {{ if verifier }}'{{ verifier }}'{{ else }}NULL{{ end }};
SELECT 'CREATE DATABASE "{{ database }}" OWNER "{{ role }}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{{ database }}') \gexec
ALTER DATABASE "{{ database }}" OWNER TO "{{ role }}";
\connect "{{ database }}"
SET client_min_messages = warning;
{{~ if timescale ~}}
CREATE EXTENSION IF NOT EXISTS timescaledb;
{{~ end ~}}
CREATE TABLE IF NOT EXISTS sensor_readings (
    time timestamptz NOT NULL,
    hive_id text NOT NULL,
    sensor_id text NOT NULL,
    metric_name text NOT NULL,
    value double precision,
    unit text,
    status text DEFAULT 'valid'
);
ALTER TABLE sensor_readings OWNER TO "{{ role }}";
{{~ if timescale ~}}
-- A chunk a day: dropping one frees a day's readings without touching the rest.
SELECT create_hypertable('sensor_readings', 'time', chunk_time_interval => interval '1 day', if_not_exists => true, migrate_data => true);
{{~ else ~}}
CREATE INDEX IF NOT EXISTS sensor_readings_time ON sensor_readings (time DESC);
{{~ end ~}}
-- A reading that is sent again is the same reading.
CREATE UNIQUE INDEX IF NOT EXISTS sensor_readings_identity ON sensor_readings (hive_id, sensor_id, metric_name, time DESC);
