"""A stand-in for `python -m backend serve`: needs no torch, and misbehaves on request. Run as `stand_in.py BEHAVIOUR`."""

import dataclasses
import os
import queue
import signal
import sys
import threading
import time

import numpy as np

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import HIP_HEIGHT, INDEX, JOINTS
from common.wire import frames, jsonrpc, messages, requests

FPS = 20.0
WIRE = os.fdopen(os.dup(1), "wb")
INBOX = queue.SimpleQueue()


def swinging(request):
    """A figure that walks along +Z with one arm swinging."""
    count = round((request.seconds or 2.0) * FPS)
    rotations = quaternions.identity(count, len(JOINTS))
    angle = 0.8 * np.sin(np.arange(count) / 4.0 + request.seed)
    rotations[:, INDEX["left_shoulder"]] = quaternions.about((1.0, 0.0, 0.0), angle)
    root = np.column_stack([np.zeros(count), np.full(count, HIP_HEIGHT), np.arange(count) * 0.05])
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((count, 4), np.float32),
        fps=FPS,
        meta={"prompt": request.prompt, "seed": request.seed, "checkpoint": "tiny", "sha256": "0" * 64},
    )


def answer(request):
    """A plausible ending of any request."""
    if isinstance(request, requests.Rank):
        return messages.Ranked(tuple(-float(number) for number in range(len(request.clips))))
    if isinstance(request, requests.Generate):
        seeds = range(request.seed, request.seed + request.count)
        return messages.Finished(tuple(swinging(dataclasses.replace(request, seed=seed)) for seed in seeds))
    return messages.Finished((EDITED[type(request)](request),))


def chained(request):
    """One swing as long as all strips; those without a length take 2 s."""
    ends = np.cumsum([0] + [round((strip.seconds or 2.0) * FPS) for strip in request.strips]).tolist()
    words = ", then ".join(strip.prompt for strip in request.strips)
    whole = requests.Generate(words, seed=request.seed)
    count = ends[-1]
    clip = with_pose(swinging(whole), *(np.resize(part, (count, *part.shape[1:])) for part in pose_of(whole)))
    strips = [
        {"prompt": strip.prompt, "seed": request.seed, "start": start, "end": end}
        for strip, start, end in zip(request.strips, ends, ends[1:], strict=False)
    ]
    return dataclasses.replace(clip, meta=clip.meta | {"settings": {"strips": strips}})


def pose_of(request):
    clip = swinging(request)
    return clip.rotations, clip.root


def edited(request):
    """The clip with the left arm raised inside the range, most in its middle; what follows is moved if nothing arrives."""
    clip = request.clip
    new = waving(clip, request.start, request.end)
    if not request.arrive:
        new = shifted(new, request.end, (0.0, 0.0, 0.2))
    seams = [{"frame": at, "position": 0.9, "velocity": 0.8} for at in (request.start, request.end)]
    return noted(new, operation="fill", seams=seams, key_errors_cm=[0.5] * len(request.key_poses))


def waving(clip, start, end):
    rotations = clip.rotations.astype(np.float64).copy()
    amount = np.sin(np.pi * np.arange(1, end - start + 1) / (end - start + 1)) ** 2
    joint = INDEX["left_shoulder"]
    rotations[start:end, joint] = quaternions.multiply(
        rotations[start:end, joint], quaternions.about((0.0, 0.0, 1.0), amount)
    )
    return with_pose(clip, rotations, clip.root)


def shifted(clip, start, way):
    root = clip.root.copy()
    root[start:] += np.array(way, np.float32)
    return with_pose(clip, clip.rotations, root)


def held(clip, before, after):
    """A clip whose first and last frames are repeated."""
    index = np.clip(np.arange(-before, clip.frames + after), 0, clip.frames - 1)
    return with_pose(clip, clip.rotations[index], clip.root[index])


def gap(request):
    """The first clip, a straight way to the second, the second."""
    first, second = request.first, request.second
    count = max(1, round(request.seconds * first.fps))
    share = (np.arange(1, count + 1) / (count + 1))[:, None]
    between = quaternions.slerp(first.rotations[-1:], second.rotations[:1], np.repeat(share, 1, axis=1))
    root = first.root[-1] + share * (second.root[0] - first.root[-1])
    rotations = np.concatenate([first.rotations, between, second.rotations])
    return noted(with_pose(first, rotations, np.concatenate([first.root, root, second.root])), operation="inbetween")


def extended(request):
    count = max(1, round(request.seconds * request.clip.fps))
    new = held(request.clip, count * request.before, count * (not request.before))
    start = 0 if request.before else request.clip.frames
    return noted(waving(new, start, start + count), operation="extend")


def looping(request):
    """One period of a swing that closes."""
    clip = swinging(request)
    joint, turn = INDEX["left_shoulder"], 2 * np.pi * np.arange(clip.frames) / clip.frames
    rotations = clip.rotations.copy()
    rotations[:, joint] = quaternions.about((1.0, 0.0, 0.0), 0.5 * np.sin(turn))
    root = clip.root if request.travel else np.repeat(clip.root[:1], clip.frames, axis=0)
    offset = [0.0, 0.0, 0.05 * clip.frames * request.travel]
    return noted(with_pose(clip, rotations, root), operation="loop", offset_m=offset)


def along(request):
    """The clip's pose, its root spread over the points."""
    clip = request.clip or swinging(request)
    points = np.array(request.points)
    share = np.linspace(0, len(points) - 1, clip.frames)
    root = clip.root.copy()
    for axis, column in ((0, 0), (2, 1)):
        root[:, axis] = np.interp(share, np.arange(len(points)), points[:, column])
    return noted(with_pose(clip, clip.rotations, root), operation="path", deviation_cm=1.5)


def with_pose(clip, rotations, root):
    return Motion(
        rotations=np.asarray(rotations, np.float32),
        root=np.asarray(root, np.float32),
        contacts=np.zeros((len(root), 4), np.float32),
        fps=clip.fps,
        meta=clip.meta,
    )


def noted(clip, **facts):
    return dataclasses.replace(clip, meta=clip.meta | {"settings": {"edits": [facts]}})


EDITED = {
    requests.Edit: edited,
    requests.InBetween: gap,
    requests.Extend: extended,
    requests.Loop: looping,
    requests.Sequence: chained,
    requests.Path: along,
    requests.Blend: lambda request: noted(request.first, operation="blend"),
    requests.Nudge: lambda request: noted(waving(request.clip, 0, request.clip.frames), operation="nudge"),
}


def send(body, id=None):
    frames.write_frame(WIRE, jsonrpc.dump(body, id))


def read():
    while (payload := frames.read_frame(sys.stdin.buffer)) is not None:
        INBOX.put(jsonrpc.parse(payload))
    INBOX.put(None)


def greet(id, behaviour):
    if behaviour == "wrong_protocol":
        payload = jsonrpc.dump(messages.Initialized("9", "cpu", (), ()), id).replace(b'"protocol":2', b'"protocol":99')
        frames.write_frame(WIRE, payload)
        return
    capabilities = () if behaviour == "older" else ("usage", *requests.motion_requests())
    info = messages.CheckpointInfo("tiny", "Tiny", "CC0-1.0", 1, "0" * 64, 20.0)
    send(messages.Initialized("0.1.0", f"cpu of {os.getpid()}", (info,), capabilities), id)


def generate(message, behaviour):
    send(messages.Accepted(message.id))
    if behaviour == "dies":
        print("a library's last words", file=sys.stderr, flush=True)
        os._exit(3)
    if behaviour == "half_frame":
        WIRE.write(b"Content-Length: 1000\r\n\r\n{")
        WIRE.flush()
        os._exit(0)
    if behaviour == "rubbish":
        WIRE.write(b"Loading model... 100%\n")
        WIRE.flush()
    if behaviour in ("hangs", "stubborn"):
        time.sleep(60)
    steps = 60 if behaviour == "slow" else 4
    for step in range(steps):
        partial = swinging(requests.Generate("walk")) if message.body.preview else None
        send(messages.Progress(message.id, step, steps, 1.0, partial))
        time.sleep(0.02)
        if not INBOX.empty() and isinstance(INBOX.get().body, messages.Cancel):
            send(messages.Cancelled(), message.id)
            return
    if behaviour == "refuses":
        send(messages.Failed("checkpoint is 'x', expected one of tiny.", jsonrpc.INVALID_PARAMS), message.id)
        return
    for _ in range(2 if behaviour == "ends_twice" else 1):
        send(answer(message.body), message.id)


def main(behaviour):
    if behaviour == "dies_at_start":
        sys.exit("ModuleNotFoundError: No module named 'torch'")
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "floods":
        os.write(2, b"warning: the same again\n" * 250_000)
    threading.Thread(target=read, daemon=True).start()
    while (message := INBOX.get()) is not None:
        if isinstance(message.body, messages.Initialize):
            greet(message.id, behaviour)
        elif isinstance(message.body, messages.Request):
            generate(message, behaviour)
        elif isinstance(message.body, messages.GetUsage):
            send(messages.Usage("cpu", 10**8, None, ("tiny",)), message.id)
        elif isinstance(message.body, messages.Shutdown):
            send(messages.Done(), message.id)
            os._exit(0)  # the reader still waits in stdin, and an orderly exit would abort over its lock


if __name__ == "__main__":
    main(sys.argv[1])
