# What an ordinary client does, with the broker or with Redis: see ../README.md.
use v5.36;
use Digest::SHA qw(sha1_hex);
use Redis;

# The client connects again by itself, for up to a second.
my %where = (
    server    => "127.0.0.1:$ENV{CLAWLINK_PORT}",
    password  => $ENV{CLAWLINK_TOKEN},
    reconnect => 1,
);

eval { Redis->new(%where, password => 'guessed') };
say 'wrong token: refused' if $@ =~ /WRONGPASS/;

my $mesh  = Redis->new(%where);
my $other = Redis->new(%where);

my $content = join('', map { chr } 0 .. 255) x 4096;
$mesh->set('file:bytes', $content);
my $back = $mesh->get('file:bytes') eq $content;
say 'bytes: ', length $content, $back ? ' back' : ' broken';

$mesh->set('file:notes.txt', 'one');
$mesh->append('file:notes.txt', ' two');
say 'file: ', $mesh->get('file:notes.txt');

my @counts;
$mesh->incr('counter', sub ($count, $error) { push @counts, $count }) for 1 .. 3;
$mesh->wait_all_responses;
say "pipeline: @counts";

$mesh->multi;
$mesh->incr('counter');
$mesh->get('file:notes.txt');
say "transaction: @{[$mesh->exec]}";

$mesh->watch('counter');
$other->incr('counter');
$mesh->multi;
$mesh->incr('counter');
say 'watched: somebody else was first' unless defined $mesh->exec;

my $script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
my $sum    = eval { $mesh->evalsha(sha1_hex($script), 1, 'counter', 5) };
if ($@ =~ /NOSCRIPT/) {
    $mesh->script('LOAD', $script);
    $sum = $mesh->evalsha(sha1_hex($script), 1, 'counter', 5);
}
say "script: $sum";

# The client dies of an error, with the command's name before it and the place behind it.
eval { $mesh->lpush('counter', 'x') };
say 'refused: ', $@ =~ /^\[lpush\] (.*?),  at /;

my $heard;
my $channel = Redis->new(%where);
$channel->subscribe('topic:news', sub ($message, @) { $heard = $message });
until (defined $heard) {
    # Returns after so many seconds of silence. What came together with the confirmation is
    # noticed only when more comes, such as another confirmation.
    $channel->wait_for_messages(0.1) or $channel->subscribe('nudge', sub { });
}
say "heard: $heard";

my (undef, $message) = $mesh->brpop('inbox:plain', 30);
say "popped: $message";

# The server closes the connection; the client connects again by itself.
$other->client('KILL', 'ID', scalar $mesh->client('ID'));
say 'connected again: ', $mesh->get('file:notes.txt');
