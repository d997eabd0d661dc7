"""One check a concept."""

from . import arms, hands, head, legs, orders, posture, travel
from .check import Check

__all__ = ["ALL", "Check"]

ALL: dict[str, Check] = {
    check.concept: check for room in (travel, posture, legs, arms, hands, head, orders) for check in room.CHECKS
}
