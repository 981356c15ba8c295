"""The driver, with sources of GLib's own."""

from __future__ import annotations

import asyncio
import ctypes
import os

import pytest

from sat.bridge import glib

_library = ctypes.CDLL("libglib-2.0.so.0")
_Function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_FdFunction = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_library.g_timeout_add.argtypes = [ctypes.c_uint, _Function, ctypes.c_void_p]
_library.g_idle_add.argtypes = [_Function, ctypes.c_void_p]
_library.g_unix_fd_add_full.argtypes = [
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    _FdFunction,
    ctypes.c_void_p,
    ctypes.c_void_p,
]
_library.g_source_remove.argtypes = [ctypes.c_uint]


@pytest.fixture
def sources():
    """Keeps functions alive, and takes sources away."""
    kept = []
    yield kept
    for number, _function in kept:
        _library.g_source_remove(number)
    glib.stop()


def timeout(sources, milliseconds, action):
    function = _Function(lambda _data: int(bool(action())))
    sources.append((_library.g_timeout_add(milliseconds, function, None), function))


def idle(sources, action):
    function = _Function(lambda _data: int(bool(action())))
    sources.append((_library.g_idle_add(function, None), function))


def watch(sources, descriptor, action):
    function = _FdFunction(lambda fd, _condition, _data: int(bool(action(fd))))
    sources.append((_library.g_unix_fd_add_full(0, descriptor, 1, function, None, None), function))


def on_loop(story):
    async def tell():
        driver = glib.start(asyncio.get_running_loop())
        await asyncio.wait_for(story(driver), 20)

    asyncio.run(tell())


def test_timers_fire(sources):
    async def story(driver):
        fired = asyncio.Event()
        timeout(sources, 20, fired.set)
        driver.kick()
        await fired.wait()

    on_loop(story)


def test_descriptors_wake_us(sources):
    async def story(driver):
        reader, writer = os.pipe()
        heard = asyncio.Event()
        watch(sources, reader, lambda fd: (os.read(fd, 9), heard.set())[1])
        driver.kick()
        await asyncio.sleep(0.02)
        os.write(writer, b"x")
        await heard.wait()
        os.close(writer)
        os.close(reader)

    on_loop(story)


def test_a_descriptor_that_comes_again_wakes_us_again(sources):
    """libdbus closes its socket and may get the same number for the next."""

    async def story(driver):
        for _ in range(3):
            reader, writer = os.pipe()
            heard = asyncio.Event()
            watch(sources, reader, lambda fd, heard=heard: (os.read(fd, 9), heard.set())[1])
            driver.kick()
            await asyncio.sleep(0.02)
            os.write(writer, b"x")
            await heard.wait()
            os.close(reader)
            os.close(writer)

    on_loop(story)


def test_a_busy_context_leaves_room_for_others(sources):
    async def story(driver):
        rounds = 0

        def again():
            nonlocal rounds
            rounds += 1
            return True

        idle(sources, again)
        driver.kick()
        for _ in range(10):
            await asyncio.sleep(0)
        assert 0 < rounds <= 11 * glib.ROUNDS

    on_loop(story)


def test_an_idle_context_costs_nothing(sources):
    async def story(driver):
        turns = 0
        await asyncio.sleep(0.02)
        wait = driver._wait

        def count():
            nonlocal turns
            turns += 1
            wait()

        driver._wait = count  # called at the end of each turn
        await asyncio.sleep(0.1)
        assert turns == 0
        driver.kick()
        await asyncio.sleep(0.02)
        assert turns == 1

    on_loop(story)


def test_there_is_one_driver_and_it_moves_to_a_new_loop(sources):
    drivers = []

    async def story(driver):
        drivers.append(driver)
        assert glib.start(asyncio.get_running_loop()) is driver
        fired = asyncio.Event()
        timeout(sources, 5, fired.set)
        driver.kick()
        await fired.wait()

    on_loop(story)
    on_loop(story)
    assert drivers[0] is not drivers[1]


def test_a_stopped_driver_does_nothing(sources):
    async def story(driver):
        fired = []
        timeout(sources, 5, lambda: fired.append(1))
        driver.kick()
        glib.stop()
        driver.kick()
        driver.stop()
        await asyncio.sleep(0.03)
        assert fired == []

    on_loop(story)
