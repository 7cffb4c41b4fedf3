"""Two greenlets wait for each other."""

import gevent
import gevent.queue

one, two = gevent.queue.Queue(), gevent.queue.Queue()
keep_alive = gevent.get_hub().loop.async_()
keep_alive.start(lambda: None)
gevent.joinall([gevent.spawn(lambda: two.put(one.get())), gevent.spawn(lambda: one.put(two.get()))])
