"""Tests of samples/components/sensor_manager."""

import sys
from pathlib import Path

COMPONENT = Path(__file__).resolve().parents[3] / "samples/components/sensor_manager"
sys.path.insert(0, str(COMPONENT))
