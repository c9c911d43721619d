"""kombu without Celery: queues, exchanges, acknowledgements, priorities: see ../README.md."""

import os
import socket

from kombu import Connection, Consumer, Exchange, Producer, Queue

URL = os.environ["REDIS_URL"]
WAIT_MAX = 20


def simple(connection):
    with connection.SimpleQueue("simple") as queue:
        for number in range(3):
            queue.put({"number": number}, serializer="json", compression="zlib")
        print("simple:", queue.qsize(), end=" ")
        first = queue.get(timeout=WAIT_MAX)
        first.ack()
        again = queue.get(timeout=WAIT_MAX)
        again.requeue()
        print(first.payload, again.payload, "left:", queue.qsize(), end=" ")
        print("cleared:", queue.clear())
        try:
            queue.get(block=False)
        except queue.Empty:
            print("empty")


def received(connection, queue, count, reply=lambda message: message.ack()):
    """So many messages of a queue, each answered."""
    messages = []

    def receive(message):
        messages.append(message)
        reply(message)

    with Consumer(connection, [queue], on_message=receive):
        while len(messages) < count:
            connection.drain_events(timeout=WAIT_MAX)
    return messages


def texts(messages):
    return [message.payload for message in messages]


def direct(connection, queue):
    """A consumer rejects what it does not want, and gives back once what it cannot do."""

    def reply(message):
        if message.payload == "spam":
            message.reject()
        elif not message.delivery_info.get("redelivered"):
            message.requeue()
        else:
            message.ack()

    for text in ("hello", "spam", "world"):
        send(connection, text, queue, headers={"from": "alice"})
    messages = received(connection, queue, 5, reply)
    print("direct:", sorted(texts(messages)), {message.headers["from"] for message in messages})


def send(connection, text, queue, **how):
    where = {"exchange": queue.exchange, "routing_key": queue.routing_key, "declare": [queue]}
    Producer(connection).publish(text, **where, **how)


def topic(connection):
    """An exchange copies to every queue whose pattern fits."""
    logs = Exchange("logs", type="topic")
    queues = [
        Queue("errors", logs, routing_key="*.error"),
        Queue("web", logs, routing_key="web.#"),
    ]
    for key in ("web.error", "web.info", "db.error"):
        Producer(connection).publish(key, exchange=logs, routing_key=key, declare=queues)
    print("topic:", *(texts(received(connection, queue, 2)) for queue in queues))
    delete(connection, queues)


def fanout(connection):
    """An exchange is a channel: whoever listens gets it, nobody else does."""
    news = Exchange("news", type="fanout")
    heard = {"ann": [], "ben": []}

    def listen(name, channel):
        def hear(message):
            heard[name].append(message.payload)

        queue = Queue(f"news.{name}", news, exclusive=True)
        Consumer(channel, [queue], no_ack=True, on_message=hear).consume()

    with connection.channel() as ann, connection.channel() as ben:
        listen("ann", ann)
        listen("ben", ben)
        # They subscribe when they look for the first time: what is said before is for nobody.
        client = connection.default_channel.client
        while sum(entry["psub"] == "1" for entry in client.client_list()) < len(heard):
            try:
                connection.drain_events(timeout=0.1)
            except socket.timeout:
                pass
        Producer(connection).publish("extra, extra", exchange=news)
        while not all(heard.values()):
            connection.drain_events(timeout=WAIT_MAX)
    print("fanout:", heard)


def priorities(connection):
    """They are lists of their own."""
    queue = Queue("tasks", Exchange("tasks"), routing_key="tasks", max_priority=9)
    for priority in (9, 0, 6, 3):
        send(connection, priority, queue, priority=priority)
    print("priorities:", texts(received(connection, queue, 4)))
    delete(connection, [queue])


def unfinished(connection, queue):
    """What a consumer leaves without an answer goes back when its channel is closed."""
    send(connection, "unfinished", queue)
    with connection.channel() as channel:
        print("taken:", queue(channel).get().payload, end=" ")
    message = queue(connection.default_channel).get()
    print("given back:", message.payload, message.delivery_info["redelivered"])
    message.ack()


def delete(connection, queues):
    for queue in queues:
        queue(connection.default_channel).delete()


with Connection(URL) as connection:
    simple(connection)
    email = Queue("email", Exchange("work", type="direct"), routing_key="email")
    direct(connection, email)
    topic(connection)
    fanout(connection)
    priorities(connection)
    unfinished(connection, email)
    delete(connection, [email])
    client = connection.default_channel.client
    print("left:", client.exists("email", "tasks", "unacked", "_kombu.binding.logs"))
