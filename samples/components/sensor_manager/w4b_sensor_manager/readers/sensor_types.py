"""What the known types of sensors measure, in the ranges of their data sheets."""

from ..reading import Metric

# A type's first metric is its main one: the calibration is that metric's.
_METRICS = {
    "hx711": (Metric("weight", "kg", -50, 500),),
    "bme280": (Metric("temperature", "°C", -40, 85), Metric("humidity", "%", 0, 100), Metric("pressure", "hPa", 300, 1100)),
    "bmp280": (Metric("temperature", "°C", -40, 85), Metric("pressure", "hPa", 300, 1100)),
    "ds18b20": (Metric("temperature", "°C", -55, 125),),
    "dht11": (Metric("temperature", "°C", 0, 50), Metric("humidity", "%", 20, 90)),
    "dht22": (Metric("temperature", "°C", -40, 80), Metric("humidity", "%", 0, 100)),
    "sht31": (Metric("temperature", "°C", -40, 125), Metric("humidity", "%", 0, 100)),
    "scd41": (Metric("co2", "ppm", 0, 40000), Metric("temperature", "°C", -10, 60), Metric("humidity", "%", 0, 100)),
    "ina219": (Metric("voltage", "V", 0, 26), Metric("current", "A", -3.2, 3.2)),
    "bh1750": (Metric("illuminance", "lx", 0, 65535),),
}


def metrics_of(sensor_type: str) -> tuple[Metric, ...]:
    """Of a type that is not known: one metric, `value`."""
    return _METRICS.get(sensor_type, (Metric("value"),))
