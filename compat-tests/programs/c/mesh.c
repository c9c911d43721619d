/* One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are. */
#include <cjson/cJSON.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 100 };

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

static redisContext *connect_to(void) {
    redisContext *client = redisConnect("127.0.0.1", atoi(getenv("CLAWLINK_PORT")));
    if (client == NULL || client->err) exit(1);
    return client;
}

/* The value of a field, from a flat list of names and values. */
static redisReply *field(const redisReply *map, const char *name) {
    for (size_t i = 0; i + 1 < map->elements; i += 2)
        if (strcmp(map->element[i]->str, name) == 0) return map->element[i + 1];
    fprintf(stderr, "no field %s\n", name);
    exit(1);
}

/* The text of a field of a JSON record. */
static const char *text(const cJSON *record, const char *name) {
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(record, name));
    return value ? value : "";
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Subscribes, says hello when everybody is there, and hears everybody. */
static void say_hello(redisContext *mesh, redisContext *channel, const char *me, int members) {
    const char *heard[MEMBERS_MAX];
    int count = 0;
    char hello[200];
    snprintf(hello, sizeof hello, "hello from %s", me);
    ask(channel, "SUBSCRIBE topic:hello");
    while (count < members && count < MEMBERS_MAX) {
        void *message = NULL;
        redisGetReply(channel, &message);
        const char *content = expect(channel, message)->element[2]->str;
        if (strcmp(content, "begin") == 0)
            ask(mesh, "CLAW.BROADCAST hello %s", hello);
        else
            heard[count++] = text(cJSON_Parse(content), "from_agent");
    }
    qsort(heard, count, sizeof *heard, by_name);
    printf("heard:");
    for (int i = 0; i < count; i++) printf(" %s", heard[i]);
    puts("");
}

/* Waits for a task. */
static cJSON *poll_task(redisContext *mesh, const char *me) {
    for (;;) {
        redisReply *messages = ask(mesh, "CLAW.POLL %s BLOCK 30000", me);
        for (size_t i = 0; i < messages->elements; i++) {
            cJSON *record = cJSON_Parse(messages->element[i]->str);
            if (strcmp(text(record, "type"), "task_delegation") == 0) return record;
        }
    }
}

/* Everybody adds a line to one file: who was overtaken reads it again. */
static void sign(redisContext *mesh, const char *me) {
    redisReply *saved;
    do {
        redisReply *file = ask(mesh, "CLAW.FILE GET roll.txt");
        redisReply *content = field(file, "content");
        size_t size = content->len + strlen(me) + 2;
        char *edited = malloc(size);
        snprintf(edited, size, "%s%s\n", content->str, me);
        long long version = field(file, "version")->integer;
        saved = ask(mesh, "CLAW.FILE PUT roll.txt %s BASE %lld MERGE", edited, version);
    } while (strcmp(field(saved, "status")->str, "conflict") == 0);
}

int main(int count, char **words) {
    if (count != 4) return 2;
    const char *me = words[1], *neighbour = words[2];

    redisReply *registered = ask(connect_to(), "CLAW.REGISTER %s ID %s CAPS greeter", me, me);
    const char *key = field(registered, "key")->str;

    /* Whoever shows the key is the agent: it is the password of any client. */
    redisContext *mesh = connect_to(), *channel = connect_to();
    ask(mesh, "AUTH agent:%s %s", me, key);
    ask(channel, "AUTH agent:%s %s", me, key);

    say_hello(mesh, channel, me, atoi(words[3]));
    redisFree(channel);
    printf("greeters: %zu\n", ask(mesh, "CLAW.DISCOVER CAP greeter")->elements);

    redisReply *refusal = redisCommand(mesh, "CLAW.DELEGATE nobody %s", "greet me");
    if (refusal && refusal->type == REDIS_REPLY_ERROR) printf("refused: %s\n", refusal->str);

    const char *sent = ask(mesh, "CLAW.DELEGATE %s %s", neighbour, "greet me")->str;

    cJSON *task = poll_task(mesh, me);
    const char *sender = text(task, "from_agent");
    int attempt = cJSON_GetObjectItem(task, "attempt")->valueint;
    printf("task from %s: %s, attempt %d\n", sender, text(task, "task"), attempt);
    char hello[200];
    snprintf(hello, sizeof hello, "hello %s", sender);
    ask(mesh, "CLAW.RESPOND %s %s", text(task, "receipt"), hello);

    cJSON *answer = cJSON_Parse(ask(mesh, "CLAW.AWAIT %s TIMEOUT 30", sent)->str);
    printf("answer from %s: %s\n", text(answer, "from_agent"), text(answer, "result"));

    sign(mesh, me);
    char line[200];
    snprintf(line, sizeof line, "\n%s\n", me);
    int signed_it = strstr(ask(mesh, "GET file:roll.txt")->str, line) != NULL;
    printf("the roll is signed: %s\n", signed_it ? "yes" : "no");
    return 0;
}
