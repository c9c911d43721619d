/* What an ordinary client does, with the broker or with Redis: see ../README.md. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program if the connection is lost, or if the reply is an error. */
static redisReply *expect(redisContext *client, redisReply *reply) {
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        fprintf(stderr, "%s\n", reply ? reply->str : client->errstr);
        exit(1);
    }
    return reply;
}

/* Asks and returns the reply, which this program leaves to its end to free. */
#define ask(client, ...) expect(client, redisCommand(client, __VA_ARGS__))

/* The next reply of a pipeline, or the next message of a subscriber. */
static redisReply *next(redisContext *client) {
    void *reply = NULL;
    redisGetReply(client, &reply);
    return expect(client, reply);
}

static redisContext *connect_to(void) {
    redisContext *client = redisConnect("127.0.0.1", atoi(getenv("CLAWLINK_PORT")));
    if (client == NULL || client->err) exit(1);
    return client;
}

static redisContext *authenticated(void) {
    redisContext *client = connect_to();
    ask(client, "AUTH %s", getenv("CLAWLINK_TOKEN"));
    return client;
}

static int is_error(const redisReply *reply, const char *code) {
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, code, strlen(code)) == 0;
}

int main(void) {
    redisReply *reply = redisCommand(connect_to(), "AUTH guessed");
    if (reply && is_error(reply, "WRONGPASS")) puts("wrong token: refused");

    redisContext *mesh = authenticated(), *other = authenticated();

    static char content[1 << 20];
    for (size_t i = 0; i < sizeof content; i++) content[i] = (char)i;
    ask(mesh, "SET file:bytes %b", content, sizeof content);
    reply = ask(mesh, "GET file:bytes");
    int back = reply->len == sizeof content && memcmp(reply->str, content, sizeof content) == 0;
    printf("bytes: %zu %s\n", sizeof content, back ? "back" : "broken");

    ask(mesh, "SET file:notes.txt one");
    ask(mesh, "APPEND file:notes.txt %s", " two");
    printf("file: %s\n", ask(mesh, "GET file:notes.txt")->str);

    for (int i = 0; i < 3; i++) redisAppendCommand(mesh, "INCR counter");
    printf("pipeline:");
    for (int i = 0; i < 3; i++) printf(" %lld", next(mesh)->integer);
    puts("");

    ask(mesh, "MULTI");
    ask(mesh, "INCR counter");
    ask(mesh, "GET file:notes.txt");
    reply = ask(mesh, "EXEC");
    printf("transaction: %lld %s\n", reply->element[0]->integer, reply->element[1]->str);

    ask(mesh, "WATCH counter");
    ask(other, "INCR counter");
    ask(mesh, "MULTI");
    ask(mesh, "INCR counter");
    if (ask(mesh, "EXEC")->type == REDIS_REPLY_NIL) puts("watched: somebody else was first");

    /* Neither C nor this client computes a SHA-1, so the broker is asked for it. */
    const char *script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
    const char *digest = ask(mesh, "SCRIPT LOAD %s", script)->str;
    printf("script: %lld\n", ask(mesh, "EVALSHA %s 1 counter 5", digest)->integer);

    reply = redisCommand(mesh, "LPUSH counter x");
    if (is_error(reply, "WRONGTYPE")) printf("refused: %s\n", reply->str);

    redisContext *channel = authenticated();
    ask(channel, "SUBSCRIBE topic:news");
    printf("heard: %s\n", next(channel)->element[2]->str);
    redisFree(channel);

    printf("popped: %s\n", ask(mesh, "BRPOP inbox:plain 30")->element[1]->str);

    /* The server closes the connection; the client is told to connect again. */
    ask(other, "CLIENT KILL ID %lld", ask(mesh, "CLIENT ID")->integer);
    if (redisCommand(mesh, "GET file:notes.txt") == NULL && redisReconnect(mesh) == REDIS_OK)
        ask(mesh, "AUTH %s", getenv("CLAWLINK_TOKEN"));
    printf("connected again: %s\n", ask(mesh, "GET file:notes.txt")->str);
    return 0;
}
