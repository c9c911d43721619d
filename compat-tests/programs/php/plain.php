<?php
// What an ordinary client does, with the broker or with Redis: see ../README.md.

function connect(string $token): Redis
{
    $client = new Redis();
    $client->connect('127.0.0.1', (int) getenv('CLAWLINK_PORT'));
    $client->auth($token);
    return $client;
}

try {
    connect('guessed');
} catch (RedisException) {
    echo "wrong token: refused\n";
}

$mesh = connect(getenv('CLAWLINK_TOKEN'));
$other = connect(getenv('CLAWLINK_TOKEN'));

$content = str_repeat(implode(array_map('chr', range(0, 255))), 4096);
$mesh->set('file:bytes', $content);
echo 'bytes: ', strlen($content), $mesh->get('file:bytes') === $content ? " back\n" : " broken\n";

$mesh->set('file:notes.txt', 'one');
$mesh->append('file:notes.txt', ' two');
echo 'file: ', $mesh->get('file:notes.txt'), "\n";

$counts = $mesh->pipeline()->incr('counter')->incr('counter')->incr('counter')->exec();
echo 'pipeline: ', implode(' ', $counts), "\n";
$results = $mesh->multi()->incr('counter')->get('file:notes.txt')->exec();
echo 'transaction: ', implode(' ', $results), "\n";

$mesh->watch('counter');
$other->incr('counter');
if ($mesh->multi()->incr('counter')->exec() === false) {
    echo "watched: somebody else was first\n";
}

$script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
$sum = $mesh->evalSha(sha1($script), ['counter', 5], 1);
if (str_starts_with((string) rtrim($mesh->getLastError()), 'NOSCRIPT')) {
    $sum = $mesh->evalSha($mesh->script('load', $script), ['counter', 5], 1);
}
echo "script: $sum\n";

// This client answers false, and tells the error when it is asked.
$mesh->clearLastError();
if ($mesh->lPush('counter', 'x') === false) {
    echo 'refused: ', rtrim($mesh->getLastError()), "\n";
}

// This client leaves the loop of subscribe() only when its connection ends.
$channel = connect(getenv('CLAWLINK_TOKEN'));
$hear = function (Redis $channel, string $topic, string $message) {
    echo "heard: $message\n";
    $channel->close();
};
try {
    $channel->subscribe(['topic:news'], $hear);
} catch (RedisException) {
}

[, $message] = $mesh->brPop(['inbox:plain'], 30);
echo "popped: $message\n";

// The server closes the connection; the client connects again by itself.
$other->rawCommand('CLIENT', 'KILL', 'ID', $mesh->rawCommand('CLIENT', 'ID'));
echo 'connected again: ', $mesh->get('file:notes.txt'), "\n";
