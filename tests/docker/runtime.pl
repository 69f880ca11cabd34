# A runtime for tests, as small as can be: what it does with an invocation, the event's "do" says.
use strict;
use warnings;
use IO::Socket::INET;

$| = 1;
my $api = $ENV{AWS_LAMBDA_RUNTIME_API};

sub request {
    my ($method, $path, $body) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $api) or die "no runtime API: $!";
    print $socket "$method /2018-06-01/runtime/$path HTTP/1.1\r\n"
        . "Host: $api\r\nConnection: close\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    local $/;
    my ($head, $rest) = split /\r\n\r\n/, <$socket>, 2;
    return ($head, $rest);
}

print "loading\n";
sleep $ENV{INIT_SECONDS} if $ENV{INIT_SECONDS};
exit $ENV{INIT_EXIT} if $ENV{INIT_EXIT};
while (1) {
    my ($head, $event) = request('GET', 'invocation/next', '');
    my ($id) = $head =~ /Lambda-Runtime-Aws-Request-Id: (\S+)/i;
    my ($do) = $event =~ /"do": *"(\w+)"/;
    $do = 'echo' unless defined $do;
    print "doing $do\n";
    my $answer = $event;
    my $error;
    if ($do eq 'uid') { $answer = $< . '.' . ($( + 0) }
    if ($do eq 'write') { open(my $file, '>', '/x') or $error = "/x: $!" }
    if ($do eq 'memory') { my @all; push @all, 'x' x (1 << 20) while 1 }
    if ($do eq 'sleep') { sleep 600 }
    if ($do eq 'nap') { sleep 5 }
    if ($do eq 'exit') { exit 3 }
    if ($do eq 'crash') { kill 'SEGV', $$; sleep 600 }
    if ($do eq 'compile') { mkdir '/tmp/compiled' }
    if ($do eq 'reject') { print "loaded without: Shapes\n" }
    if ($do eq 'env') {
        my @names = qw(AWS_LAMBDA_FUNCTION_NAME AWS_REGION WORD);
        $answer = '"' . join(' ', map { $ENV{$_} } @names) . '"';
    }
    if (defined $error) {
        my $report = qq({"errorType":"IOError","errorMessage":"$error"});
        request('POST', "invocation/$id/error", $report);
    } else {
        request('POST', "invocation/$id/response", $answer);
    }
}
