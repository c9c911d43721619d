<?php
// One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.

[, $me, $neighbour, $members] = $argv;

function connect(): Redis
{
    $client = new Redis();
    $client->connect('127.0.0.1', (int) getenv('CLAWLINK_PORT'));
    return $client;
}

/** A map from a flat list of names and values. */
function fields(array $reply): array
{
    return array_column(array_chunk($reply, 2), 1, 0);
}

$registered = fields(connect()->rawCommand('CLAW.REGISTER', $me, 'ID', $me, 'CAPS', 'greeter'));

// Whoever shows the key is the agent: it is the password of any client.
$mesh = connect();
$mesh->auth(["agent:$me", $registered['key']]);
$channel = connect();
$channel->auth(["agent:$me", $registered['key']]);

// This client leaves the loop of subscribe() only when its connection ends.
$heard = [];
$hear = function (Redis $channel, string $topic, string $message) {
    global $heard, $mesh, $me, $members;
    if ($message === 'begin') {
        $mesh->rawCommand('CLAW.BROADCAST', 'hello', "hello from $me");
    } else {
        $heard[] = json_decode($message)->from_agent;
    }
    if (count($heard) == $members) {
        $channel->close();
    }
};
try {
    $channel->subscribe(['topic:hello'], $hear);
} catch (RedisException) {
}
sort($heard);
echo 'heard: ', implode(' ', $heard), "\n";
echo 'greeters: ', count($mesh->rawCommand('CLAW.DISCOVER', 'CAP', 'greeter')), "\n";

try {
    $mesh->rawCommand('CLAW.DELEGATE', 'nobody', 'greet me');
} catch (RedisException $refusal) {
    echo 'refused: ', $refusal->getMessage(), "\n";
}

$sent = $mesh->rawCommand('CLAW.DELEGATE', $neighbour, 'greet me');

$task = null;
while ($task === null) {
    foreach ($mesh->rawCommand('CLAW.POLL', $me, 'BLOCK', 30000) as $message) {
        $message = json_decode($message);
        if ($message->type === 'task_delegation') {
            $task = $message;
        }
    }
}
echo "task from $task->from_agent: $task->task, attempt $task->attempt\n";
$mesh->rawCommand('CLAW.RESPOND', $task->receipt, "hello $task->from_agent");

$answer = json_decode($mesh->rawCommand('CLAW.AWAIT', $sent, 'TIMEOUT', 30));
echo "answer from $answer->from_agent: $answer->result\n";

// Everybody adds a line to one file: who was overtaken reads it again.
do {
    $file = fields($mesh->rawCommand('CLAW.FILE', 'GET', 'roll.txt'));
    $put = ['PUT', 'roll.txt', "{$file['content']}$me\n", 'BASE', $file['version'], 'MERGE'];
    $saved = fields($mesh->rawCommand('CLAW.FILE', ...$put));
} while ($saved['status'] === 'conflict');
$signed = str_contains($mesh->get('file:roll.txt'), "\n$me\n");
echo 'the roll is signed: ', $signed ? 'yes' : 'no', "\n";
