"""Whether values are well."""

from .configuration import Alert


class AlertWatch:
    """The alerts of one sensor. Times are seconds of a clock that never jumps."""

    def __init__(self, alerts: tuple[Alert, ...]) -> None:
        self._watches = [_Watch(alert) for alert in alerts]

    def update(self, metric: str, value: float, now: float) -> dict[str, bool]:
        """Whether each rule (min, max, rate_of_change) that the metric has is broken, seen with this value."""
        broken: dict[str, bool] = {}
        for watch in self._watches:
            if watch.metric == metric:
                for rule, is_broken in watch.update(value, now).items():
                    broken[rule] = broken.get(rule, False) or is_broken
        return broken


class _Watch:
    def __init__(self, alert: Alert) -> None:
        self.metric = alert.metric
        self._alert = alert
        self._outside_since: dict[str, float] = {}
        self._previous: tuple[float, float] | None = None

    def update(self, value: float, now: float) -> dict[str, bool]:
        alert = self._alert
        broken = {}
        if alert.least is not None:
            broken["min"] = self._lasts("min", value < alert.least, now)
        if alert.most is not None:
            broken["max"] = self._lasts("max", value > alert.most, now)
        if alert.most_change_per_minute is not None:
            broken["rate_of_change"] = self._changes_too_fast(value, now, alert.most_change_per_minute)
        return broken

    def _lasts(self, rule: str, outside: bool, now: float) -> bool:
        if not outside:
            self._outside_since.pop(rule, None)
            return False
        return now - self._outside_since.setdefault(rule, now) >= self._alert.threshold_seconds

    def _changes_too_fast(self, value: float, now: float, most: float) -> bool:
        previous, self._previous = self._previous, (value, now)
        if previous is None or now <= previous[1]:
            return False
        return abs(value - previous[0]) / (now - previous[1]) * 60 > most
