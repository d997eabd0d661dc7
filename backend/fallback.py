"""A device with too little memory does not end a request: it is worked on again on the CPU, and its ending says so."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

from backend import usage
from backend.serve import Answer, Load, Report
from common.wire.messages import Finished, Ranked
from common.wire.requests import Request

NOTICE = "The GPU had too little free memory, so this was made on the CPU."
_log = logging.getLogger(__name__)


def with_fallback(
    load: Callable[[Request], Any], load_on_cpu: Callable[[Request], Any], answer: Callable[..., Finished | Ranked]
) -> Load:
    """What answers a request by `answer(pipeline, request, report)`, its pipeline from `load`, else from `load_on_cpu`.

    Each request tries the device first: memory that another program held may be free again.
    """

    def work(request: Request, report: Report) -> Finished | Ranked:
        try:
            return answer(load(request), request, report)
        except Exception as error:
            if not usage.is_out_of_device_memory(error):
                raise
            _log.warning("Too little memory on the device: %s", next(iter(str(error).splitlines()), ""))
        # Outside of the handler: the error holds the frames, and they the tensors that have to go.
        usage.release()
        return dataclasses.replace(answer(load_on_cpu(request), request, report), notice=NOTICE)

    def loaded(request: Request) -> Answer:
        return work

    return loaded
