#!/usr/bin/env escript
%% What an ordinary client does, with the broker or with Redis: see ../README.md.

connect(Token, More) ->
    Port = list_to_integer(os:getenv("CLAWLINK_PORT")),
    eredis:start_link([{port, Port}, {password, Token} | More]).

ask(Client, Words) ->
    {ok, Reply} = eredis:q(Client, Words, 40000),
    Reply.

main([]) ->
    %% A client that fails to start ends, with a report, and ends who started it.
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    {error, {authentication_error, _}} = connect("guessed", [{reconnect_sleep, no_reconnect}]),
    io:format("wrong token: refused~n"),

    Token = os:getenv("CLAWLINK_TOKEN"),
    {ok, Mesh} = connect(Token, []),
    {ok, Other} = connect(Token, []),

    Content = binary:copy(list_to_binary(lists:seq(0, 255)), 4096),
    ask(Mesh, ["SET", "file:bytes", Content]),
    Back = case ask(Mesh, ["GET", "file:bytes"]) of Content -> back; _ -> broken end,
    io:format("bytes: ~b ~s~n", [byte_size(Content), Back]),

    ask(Mesh, ["SET", "file:notes.txt", "one"]),
    ask(Mesh, ["APPEND", "file:notes.txt", " two"]),
    io:format("file: ~s~n", [ask(Mesh, ["GET", "file:notes.txt"])]),

    Counts = eredis:qp(Mesh, [["INCR", "counter"] || _ <- lists:seq(1, 3)]),
    io:format("pipeline: ~s ~s ~s~n", [Count || {ok, Count} <- Counts]),

    ask(Mesh, ["MULTI"]),
    ask(Mesh, ["INCR", "counter"]),
    ask(Mesh, ["GET", "file:notes.txt"]),
    io:format("transaction: ~s ~s~n", ask(Mesh, ["EXEC"])),

    ask(Mesh, ["WATCH", "counter"]),
    ask(Other, ["INCR", "counter"]),
    ask(Mesh, ["MULTI"]),
    ask(Mesh, ["INCR", "counter"]),
    undefined = ask(Mesh, ["EXEC"]),
    io:format("watched: somebody else was first~n"),

    Script = "return redis.call('INCRBY', KEYS[1], ARGV[1])",
    Digest = ask(Mesh, ["SCRIPT", "LOAD", Script]),
    io:format("script: ~s~n", [ask(Mesh, ["EVALSHA", Digest, 1, "counter", 5])]),

    {error, Refusal} = eredis:q(Mesh, ["LPUSH", "counter", "x"]),
    io:format("refused: ~s~n", [Refusal]),

    io:format("heard: ~s~n", [hear(<<"topic:news">>, Token)]),

    [_, Message] = ask(Mesh, ["BRPOP", "inbox:plain", 30]),
    io:format("popped: ~s~n", [Message]),

    %% The server closes the connection; the client connects again by itself.
    ask(Other, ["CLIENT", "KILL", "ID", ask(Mesh, ["CLIENT", "ID"])]),
    io:format("connected again: ~s~n", [once_connected(Mesh, ["GET", "file:notes.txt"])]).

%% The first message of a channel.
hear(Channel, Token) ->
    Port = list_to_integer(os:getenv("CLAWLINK_PORT")),
    {ok, Listener} = eredis_sub:start_link([{port, Port}, {password, Token}]),
    ok = eredis_sub:controlling_process(Listener),
    ok = eredis_sub:subscribe(Listener, [Channel]),
    receive {subscribed, Channel, Listener} -> eredis_sub:ack_message(Listener) end,
    receive {message, Channel, Message, Listener} -> Message after 30000 -> error(silence) end.

%% Requests are refused while the client has no connection.
once_connected(Client, Words) ->
    case eredis:q(Client, Words) of
        {ok, Reply} -> Reply;
        {error, Lost} when is_atom(Lost) ->
            timer:sleep(10),
            once_connected(Client, Words)
    end.
