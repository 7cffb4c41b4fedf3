"""Waits in sigwait for a signal that somebody outside sends."""

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
print("woken")
