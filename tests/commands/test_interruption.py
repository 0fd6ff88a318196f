"""Ctrl-C where it is printed and forgotten is remembered all the same."""

import signal
import threading

import pytest

from segmentarium.commands.interruption import remembered_interrupt


def test_an_interrupt_that_was_swallowed_is_raised_at_the_next_look() -> None:
    with remembered_interrupt() as check:
        check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()


def test_what_ctrl_c_did_before_it_does_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with remembered_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_is_never_interrupted_and_may_ask() -> None:
    asked = threading.Event()

    def work() -> None:
        with remembered_interrupt() as check:
            check()
            asked.set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert asked.is_set()
