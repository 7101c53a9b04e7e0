"""Reads a hive's sensors, keeps the readings in its database and tells Prometheus about them."""

__version__ = "0.1.0"
