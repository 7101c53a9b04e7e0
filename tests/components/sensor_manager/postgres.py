"""A PostgreSQL of the tests' own: in a temporary folder, of an ordinary user, on a socket only."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

# As the image makes it.
SCHEMA = """
CREATE TABLE sensor_readings (
    time timestamptz NOT NULL, hive_id text NOT NULL, sensor_id text NOT NULL, metric_name text NOT NULL,
    value double precision, unit text, status text DEFAULT 'valid');
{hypertable}
CREATE UNIQUE INDEX sensor_readings_identity ON sensor_readings (hive_id, sensor_id, metric_name, time DESC);
"""

_HYPERTABLE = "SELECT create_hypertable('sensor_readings', 'time', chunk_time_interval => interval '1 day');"

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": 10,
    # The tests end processes, not the machine.
    "fsync": "off",
    "timescaledb.telemetry_level": "off",
}


class Postgres:
    """A cluster that can be stopped and started."""

    def __init__(self) -> None:
        self._programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])).parent
        # PostgreSQL refuses to be root.
        self._user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        # Short: the path of a socket has 107 bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="w4b-pg-", dir="/tmp"))
        if self._user:
            shutil.chown(self.folder, **self._user)
        self.folder.chmod(0o755)
        self.timescale = (self._programs.parent / "lib/timescaledb.so").exists()
        self._run("initdb", "--pgdata", "data", "--username", "w4b", "--auth", "trust", "--no-sync",
                  "--encoding", "UTF8", "--locale", "C")

    def start(self) -> None:
        settings = {**_SETTINGS, "unix_socket_directories": self.folder}
        if self.timescale:
            settings["shared_preload_libraries"] = "timescaledb"
        options = " ".join(f"-c {name}={value}" if value != "" else f"-c {name}=''" for name, value in settings.items())
        self._run("pg_ctl", "start", "--pgdata", "data", "--wait", "--log", "log", "--options", options)

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash."""
        self._run("pg_ctl", "stop", "--pgdata", "data", "--wait", "--mode", mode)

    def remove(self) -> None:
        if (self.folder / "data/postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def create_database(self, name: str) -> None:
        self.execute("postgres", f"CREATE DATABASE {name}")
        if self.timescale:
            self.execute(name, "CREATE EXTENSION timescaledb")
        self.execute(name, SCHEMA.format(hypertable=_HYPERTABLE if self.timescale else ""))

    def execute(self, database: str, sql: str) -> list[tuple]:
        connection = psycopg2.connect(host=str(self.folder), user="w4b", dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in filter(str.strip, sql.split(";")):
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        # Not a pipe: the server inherits it and would hold it open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run([self._programs / program, *arguments], cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
                                  check=False, **self._user)
            if done.returncode != 0:
                output.seek(0)
                log = self.folder / "log"
                raise AssertionError(f"{program}: {output.read().decode()}\n{log.read_text() if log.exists() else ''}")
