# One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
use v5.36;
use JSON::PP qw(decode_json);
use Redis;

my ($me, $neighbour, $members) = @ARGV;
my %where = (server => "127.0.0.1:$ENV{CLAWLINK_PORT}");

# What the client has no method for is called by its name.
sub ask ($client, $command, @words) { $client->$command(@words) }

my %registered = ask(Redis->new(%where), 'CLAW.REGISTER', $me, 'ID', $me, 'CAPS', 'greeter');

# Whoever shows the key is the agent: it is the password of any client.
my %identity = (%where, username => "agent:$me", password => $registered{key});
my $mesh     = Redis->new(%identity);
my $channel  = Redis->new(%identity);

my @heard;
my $hear = sub ($message, @) {
    if ($message eq 'begin') {
        ask($mesh, 'CLAW.BROADCAST', 'hello', "hello from $me");
    } else {
        push @heard, decode_json($message)->{from_agent};
    }
};
$channel->subscribe('topic:hello', $hear);
until (@heard == $members) {
    # Returns after so many seconds of silence. What came together with the confirmation is
    # noticed only when more comes, such as another confirmation.
    $channel->wait_for_messages(0.1) or $channel->subscribe('nudge', sub { });
}
say "heard: @{[sort @heard]}";
say 'greeters: ', scalar(my @greeters = ask($mesh, 'CLAW.DISCOVER', 'CAP', 'greeter'));

# The client dies of an error, with the command's name before it and the place behind it.
eval { ask($mesh, 'CLAW.DELEGATE', 'nobody', 'greet me') };
say 'refused: ', $@ =~ /^\[CLAW.DELEGATE\] (.*?),  at /;

my $sent = ask($mesh, 'CLAW.DELEGATE', $neighbour, 'greet me');

my $task;
until ($task) {
    my @messages = map { decode_json($_) } ask($mesh, 'CLAW.POLL', $me, 'BLOCK', 30_000);
    ($task) = grep { $_->{type} eq 'task_delegation' } @messages;
}
say "task from $task->{from_agent}: $task->{task}, attempt $task->{attempt}";
ask($mesh, 'CLAW.RESPOND', $task->{receipt}, "hello $task->{from_agent}");

my $answer = decode_json(ask($mesh, 'CLAW.AWAIT', $sent, 'TIMEOUT', 30));
say "answer from $answer->{from_agent}: $answer->{result}";

# Everybody adds a line to one file: who was overtaken reads it again.
my %saved;
do {
    my %file = ask($mesh, 'CLAW.FILE', 'GET', 'roll.txt');
    my @edit = ("$file{content}$me\n", 'BASE', $file{version}, 'MERGE');
    %saved = ask($mesh, 'CLAW.FILE', 'PUT', 'roll.txt', @edit);
} while $saved{status} eq 'conflict';
my $signed = $mesh->get('file:roll.txt') =~ /^\Q$me\E$/m;
say 'the roll is signed: ', $signed ? 'yes' : 'no';
