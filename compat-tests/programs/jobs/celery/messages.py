"""kombu alone: queues, exchanges, acknowledgements and priorities, without Celery: see ../README.md."""

import os
import socket

from kombu import Connection, Consumer, Exchange, Producer, Queue

URL = os.environ["REDIS_URL"]


def texts(messages):
    return [message.payload for message in messages]


def received(connection, queues, count, reply=lambda message: message.ack()):
    """So many messages of these queues, each answered."""
    messages = []

    def receive(message):
        messages.append(message)
        reply(message)

    with Consumer(connection, queues, on_message=receive):
        while len(messages) < count:
            connection.drain_events(timeout=20)
    return messages


with Connection(URL) as connection:
    with connection.SimpleQueue("simple") as simple:
        for number in range(3):
            simple.put({"number": number}, serializer="json", compression="zlib")
        print("simple:", simple.qsize(), end=" ")
        first = simple.get(timeout=20)
        first.ack()
        again = simple.get(timeout=20)
        again.requeue()
        print(first.payload, again.payload, "left:", simple.qsize(), end=" ")
        print("cleared:", simple.clear())
        try:
            simple.get(block=False)
        except simple.Empty:
            print("empty")

    producer = Producer(connection)

    # A direct exchange, whose consumer rejects what it does not want, and gives back what it cannot do.
    work = Exchange("work", type="direct")
    queue = Queue("work.email", work, routing_key="email")
    for text in ("hello", "spam", "world"):
        producer.publish(text, exchange=work, routing_key="email", declare=[queue], headers={"from": "alice"})

    def reply(message):
        if message.payload == "spam":
            message.reject()
        elif not message.delivery_info.get("redelivered"):
            message.requeue()
        else:
            message.ack()

    messages = received(connection, [queue], 5, reply)
    print("direct:", sorted(texts(messages)), {message.headers["from"] for message in messages})

    # A topic exchange copies to every queue whose pattern fits.
    logs = Exchange("logs", type="topic")
    errors, all_of_web = Queue("errors", logs, routing_key="*.error"), Queue("web", logs, routing_key="web.#")
    for key in ("web.error", "web.info", "db.error"):
        producer.publish(key, exchange=logs, routing_key=key, declare=[errors, all_of_web])
    print("topic:", texts(received(connection, [errors], 2)), texts(received(connection, [all_of_web], 2)))

    # A fanout exchange is a channel: whoever listens gets it, nobody else does.
    news = Exchange("news", type="fanout")
    heard = {"ann": [], "ben": []}
    with connection.channel() as ann, connection.channel() as ben:
        consumers = [
            Consumer(channel, [Queue(f"news.{name}", news, exclusive=True)], no_ack=True,
                     on_message=lambda message, name=name: heard[name].append(message.payload))
            for name, channel in (("ann", ann), ("ben", ben))
        ]
        for consumer in consumers:
            consumer.consume()
        try:
            connection.drain_events(timeout=0.5)
        except socket.timeout:
            pass
        producer.publish("extra, extra", exchange=news)
        while not all(heard.values()):
            connection.drain_events(timeout=20)
    print("fanout:", heard)

    # Priorities are lists of their own.
    tasks = Queue("tasks", Exchange("tasks"), routing_key="tasks", max_priority=9)
    for priority in (9, 0, 6, 3):
        producer.publish(priority, exchange=tasks.exchange, routing_key="tasks", priority=priority, declare=[tasks])
    print("priorities:", texts(received(connection, [tasks], 4)))

    # What a consumer leaves without an answer goes back when its channel is closed.
    producer.publish("unfinished", exchange=work, routing_key="email")
    with connection.channel() as channel:
        print("taken:", queue(channel).get().payload, end=" ")
    message = queue(connection.default_channel).get()
    print("given back:", message.payload, message.delivery_info["redelivered"])
    message.ack()

    for queue in (queue, errors, all_of_web, tasks):
        queue(connection.default_channel).delete()
    print("deleted:", connection.default_channel.client.exists("_kombu.binding.logs", "work.email", "unacked"))
