"""The whole program: what is started, watched and stopped."""

import logging
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from . import __version__
from .activity import Activity
from .buffer import Buffer
from .collector import Collector
from .configuration import Configuration
from .database import Database
from .metrics import Metrics
from .outbox import Outbox
from .readers import ReaderRegistry
from .sensor_task import SensorTask
from .server import MetricsServer
from .systemd import ServiceManager

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

# Seconds between two looks at the threads.
_LOOK_INTERVAL = 10.0

# Seconds that a thread has to end. What it has not written is on disk.
_END_TIMEOUT = 10.0


class Service:
    """Runs once."""

    def __init__(self, configuration: Configuration, state: Path) -> None:
        self._configuration = configuration
        self._state = state
        self._metrics = Metrics()
        self._manager = ServiceManager()
        self._reading = Activity("the reading of a sensor")
        self._writing = Activity("writing to the database")
        self._threads: list[threading.Thread] = []

    def run(self) -> int:
        """Until a signal; returns the exit status."""
        # Blocked in all threads and waited for in this one: no handler interrupts anything at a bad moment.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        configuration = self._configuration
        self._metrics.set("w4b_sensor_manager_info", 1, version=__version__, hive_id=configuration.hive_id)
        try:
            server = MetricsServer(configuration.metrics_port, self._metrics.text, self._ailment)
            outbox = self._outbox()
        except (OSError, sqlite3.Error) as error:
            logging.critical("The service cannot start: %s", error)
            return 1
        registry = ReaderRegistry()
        tasks = [SensorTask(configuration.hive_id, sensor, registry, self._metrics, self._reading) for sensor in configuration.sensors]
        if simulated := [sensor.id for sensor in configuration.sensors if registry.simulates(sensor)]:
            logging.warning("Values of these sensors are simulated: %s", ", ".join(simulated))
        collector = Collector(tasks, outbox.keep if outbox else lambda readings: None)

        threading.Thread(target=server.serve_forever, daemon=True).start()
        if outbox:
            self._start("outbox", outbox.run)
        self._start("collector", collector.run)
        logging.info("Version %s reads %d sensors of %s; metrics on port %d.", __version__, len(tasks), configuration.hive_id, server.server_port)
        self._manager.notify(READY="1", STATUS=self._status())
        status = self._watch()

        self._manager.notify(STOPPING="1", STATUS="Stopping")
        # First what makes readings, then what writes them.
        collector.stop()
        self._end("collector")
        if outbox:
            outbox.stop()
            self._end("outbox")
        logging.info("Stopped. %s", self._status())
        return status

    def _outbox(self) -> Outbox | None:
        storage = self._configuration.storage
        if storage is None:
            logging.warning("No storage is configured: readings stand in the metrics only.")
            return None
        buffer = Buffer(self._state / "readings.sqlite", self._configuration.buffer_size)
        return Outbox(self._configuration, buffer, Database(storage), self._metrics, self._writing)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        # Daemons: one that hangs must not keep the process from ending.
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _end(self, name: str) -> None:
        for thread in self._threads:
            if thread.name == name:
                thread.join(_END_TIMEOUT)

    def _watch(self) -> int:
        watchdog = self._manager.watchdog_seconds
        interval = min(_LOOK_INTERVAL, watchdog / 3) if watchdog else _LOOK_INTERVAL
        while (received := signal.sigtimedwait(_STOP_SIGNALS, interval)) is None:
            ailment = self._ailment()
            if ailment is None:
                self._manager.notify(WATCHDOG="1", STATUS=self._status())
            elif dead := [thread.name for thread in self._threads if not thread.is_alive()]:
                logging.critical("The %s ended by an error; so does the service, to be started anew.", dead[0])
                return 1
            else:
                # No sign of life: the service manager ends the process when this lasts.
                self._manager.notify(STATUS=f"Wrong: {ailment}")
        logging.info("Received %s.", signal.Signals(received.si_signo).name)
        return 0

    def _ailment(self) -> str | None:
        for thread in self._threads:
            if not thread.is_alive():
                return f"the {thread.name} has ended"
        for activity in (self._reading, self._writing):
            if activity.hangs:
                return f"{activity.what} hangs"
        return None

    def _status(self) -> str:
        total = self._metrics.total
        database = "" if self._configuration.storage is None else \
            f", {total('w4b_sensor_readings_written_total'):.0f} written, {total('w4b_sensor_readings_buffered'):.0f} waiting, " \
            f"database {'up' if total('w4b_sensor_database_up') else 'down'}"
        return f"{total('w4b_sensor_readings_total'):.0f} readings{database}"
