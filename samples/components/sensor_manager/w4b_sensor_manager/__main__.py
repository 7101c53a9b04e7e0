"""The command `w4b-sensor-manager`."""

import argparse
import logging
import os
import sys
from pathlib import Path

from . import __version__, log
from .configuration import read_configuration
from .service import Service
from .yaml_section import ConfigurationError

CONFIGURATION = Path("/opt/w4b/sensor_manager/config/sensor_config.yaml")

# sysexits.h; systemd shows it as "CONFIG".
EX_CONFIG = 78


def main() -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    parser = argparse.ArgumentParser(prog="w4b-sensor-manager", description="Reads a hive's sensors.")
    parser.add_argument("--config", type=Path, default=CONFIGURATION, help="default: %(default)s")
    parser.add_argument("--state", type=Path, help="folder of the buffer; default: $STATE_DIRECTORY")
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    # systemd separates several folders by colons.
    state = arguments.state or os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if not state:
        parser.error("where to keep readings is not told: neither --state nor $STATE_DIRECTORY is given")

    log.start("info")
    try:
        configuration = read_configuration(arguments.config)
    except (ConfigurationError, OSError) as error:
        logging.critical("The configuration cannot be used: %s", error)
        return EX_CONFIG
    log.start(configuration.log_level)
    return Service(configuration, Path(state)).run()


if __name__ == "__main__":
    sys.exit(main())
