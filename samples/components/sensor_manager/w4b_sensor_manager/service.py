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


class _Worker:
    """A thread, and how it is asked to end. A daemon: one that hangs must not keep the process from ending."""

    def __init__(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        self.name = name
        self._stop = stop
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._stop()
        self._thread.join(_END_TIMEOUT)


class Service:
    """Runs once."""

    def __init__(self, configuration: Configuration, state: Path) -> None:
        self._configuration = configuration
        self._state = state
        self._metrics = Metrics()
        self._manager = ServiceManager()
        self._reading = Activity("the reading of a sensor")
        self._writing = Activity("writing to the database")
        self._workers: list[_Worker] = []

    def run(self) -> int:
        """Until a signal; returns the exit status."""
        # Blocked in all threads and waited for in this one: no handler interrupts anything at a bad moment.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        self._metrics.set("w4b_sensor_manager_info", 1, version=__version__, hive_id=self._configuration.hive_id)
        try:
            server = MetricsServer(self._configuration.metrics_port, self._metrics.text, self._ailment)
        except OSError as error:
            logging.critical("Metrics cannot be served on port %d: %s", self._configuration.metrics_port, error)
            return 1
        try:
            outbox = self._outbox()
        except sqlite3.Error as error:
            logging.critical("Readings cannot be kept: %s", error)
            return 1
        collector = Collector(self._tasks(), outbox.keep if outbox else lambda readings: None)

        # It waits for requests without waking up in between.
        threading.Thread(target=server.serve_forever, args=(None,), daemon=True).start()
        if outbox:
            self._workers.append(_Worker("outbox", outbox.run, outbox.stop))
        self._workers.append(_Worker("collector", collector.run, collector.stop))
        logging.info("Version %s for %s; metrics on port %d.", __version__, self._configuration.hive_id, server.server_port)
        self._manager.notify(READY="1", STATUS=self._status())
        exit_status = self._watch()

        self._manager.notify(STOPPING="1", STATUS="Stopping")
        # First what makes readings, then what writes them.
        for worker in reversed(self._workers):
            worker.end()
        logging.info("Stopped: %s.", self._status())
        return exit_status

    def _outbox(self) -> Outbox | None:
        storage = self._configuration.storage
        if storage is None:
            logging.warning("No storage is configured: readings stand in the metrics only.")
            return None
        buffer = Buffer(self._state / "readings.sqlite", self._configuration.buffer_size)
        return Outbox(self._configuration, buffer, Database(storage), self._metrics, self._writing)

    def _tasks(self) -> list[SensorTask]:
        registry = ReaderRegistry()
        sensors = self._configuration.sensors
        if simulated := [sensor.id for sensor in sensors if registry.simulates(sensor)]:
            logging.warning("Values of these sensors are simulated: %s", ", ".join(simulated))
        return [SensorTask(self._configuration.hive_id, sensor, registry, self._metrics, self._reading) for sensor in sensors]

    def _watch(self) -> int:
        watchdog = self._manager.watchdog_seconds
        interval = min(_LOOK_INTERVAL, watchdog / 3) if watchdog else _LOOK_INTERVAL
        while (received := signal.sigtimedwait(_STOP_SIGNALS, interval)) is None:
            if ended := [worker.name for worker in self._workers if not worker.runs]:
                logging.critical("The %s ended by an error; so does the service, to be started anew.", ended[0])
                return 1
            if ailment := self._ailment():
                # No sign of life: the service manager ends the process when this lasts.
                self._manager.notify(STATUS=f"Wrong: {ailment}")
            else:
                self._manager.notify(WATCHDOG="1", STATUS=self._status())
        logging.info("Received %s.", signal.Signals(received.si_signo).name)
        return 0

    def _ailment(self) -> str | None:
        for worker in self._workers:
            if not worker.runs:
                return f"the {worker.name} has ended"
        for activity in (self._reading, self._writing):
            if activity.hangs:
                return f"{activity.what} hangs"
        return None

    def _status(self) -> str:
        total = self._metrics.total
        text = f"{total('w4b_sensor_readings_total'):.0f} readings"
        if self._configuration.storage is not None:
            lost = total("w4b_sensor_readings_dropped_total") + total("w4b_sensor_readings_refused_total")
            text += f", {total('w4b_sensor_readings_written_total'):.0f} written, {total('w4b_sensor_readings_buffered'):.0f} waiting"
            text += f", {lost:.0f} lost, database {'up' if total('w4b_sensor_database_up') else 'away'}"
        return text
