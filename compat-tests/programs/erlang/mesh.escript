#!/usr/bin/env escript
%% One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.

where() -> [{port, list_to_integer(os:getenv("CLAWLINK_PORT"))}].

ask(Client, Words) ->
    {ok, Reply} = eredis:q(Client, Words, 40000),
    Reply.

%% A map from a flat list of names and values.
fields([Name, Value | Rest]) -> maps:put(Name, Value, fields(Rest));
fields([]) -> #{}.

parse(Record) -> jiffy:decode(Record, [return_maps]).

main([Me, Neighbour, Members]) ->
    {ok, Mesh} = eredis:start_link(where()),
    Register = ["CLAW.REGISTER", Me, "ID", Me, "CAPS", "greeter"],
    #{<<"key">> := Key} = fields(ask(Mesh, Register)),

    %% Whoever shows the key is the agent. This client takes no user, so the command is given.
    ask(Mesh, ["AUTH", ["agent:", Me], Key]),

    {ok, Listener} = eredis_sub:start_link(where()),
    ok = eredis_sub:controlling_process(Listener),
    ok = eredis_sub:subscribe(Listener, [<<"topic:hello">>]),
    Heard = hear(Listener, Mesh, Me, list_to_integer(Members), []),
    io:format("heard: ~s~n", [lists:join(" ", lists:sort(Heard))]),
    io:format("greeters: ~b~n", [length(ask(Mesh, ["CLAW.DISCOVER", "CAP", "greeter"]))]),

    {error, Refusal} = eredis:q(Mesh, ["CLAW.DELEGATE", "nobody", "greet me"]),
    io:format("refused: ~s~n", [Refusal]),

    Sent = ask(Mesh, ["CLAW.DELEGATE", Neighbour, "greet me"]),

    #{<<"from_agent">> := Sender, <<"task">> := Task, <<"attempt">> := Attempt,
      <<"receipt">> := Receipt} = poll(Mesh, Me),
    io:format("task from ~s: ~s, attempt ~b~n", [Sender, Task, Attempt]),
    ask(Mesh, ["CLAW.RESPOND", Receipt, ["hello ", Sender]]),

    #{<<"from_agent">> := Neighbour1, <<"result">> := Result} =
        parse(ask(Mesh, ["CLAW.AWAIT", Sent, "TIMEOUT", 30])),
    io:format("answer from ~s: ~s~n", [Neighbour1, Result]),

    sign(Mesh, Me),
    Lines = binary:split(ask(Mesh, ["GET", "file:roll.txt"]), <<"\n">>, [global]),
    Signed = case lists:member(list_to_binary(Me), Lines) of true -> yes; false -> no end,
    io:format("the roll is signed: ~s~n", [Signed]).

%% Says hello when everybody is there, and hears everybody.
hear(_, _, _, Members, Heard) when length(Heard) =:= Members -> Heard;
hear(Listener, Mesh, Me, Members, Heard) ->
    Message = receive Any -> Any after 30000 -> error(silence) end,
    eredis_sub:ack_message(Listener),
    case Message of
        {subscribed, _, _} ->
            hear(Listener, Mesh, Me, Members, Heard);
        {message, _, <<"begin">>, _} ->
            ask(Mesh, ["CLAW.BROADCAST", "hello", ["hello from ", Me]]),
            hear(Listener, Mesh, Me, Members, Heard);
        {message, _, Record, _} ->
            #{<<"from_agent">> := Sender} = parse(Record),
            hear(Listener, Mesh, Me, Members, [Sender | Heard])
    end.

%% Waits for a task.
poll(Mesh, Me) ->
    Records = [parse(Message) || Message <- ask(Mesh, ["CLAW.POLL", Me, "BLOCK", 30000])],
    case [Task || Task = #{<<"type">> := <<"task_delegation">>} <- Records] of
        [Task | _] -> Task;
        [] -> poll(Mesh, Me)
    end.

%% Everybody adds a line to one file: who was overtaken reads it again.
sign(Mesh, Me) ->
    #{<<"content">> := Content, <<"version">> := Version} =
        fields(ask(Mesh, ["CLAW.FILE", "GET", "roll.txt"])),
    Put = ["PUT", "roll.txt", [Content, Me, "\n"], "BASE", Version, "MERGE"],
    case fields(ask(Mesh, ["CLAW.FILE" | Put])) of
        #{<<"status">> := <<"conflict">>} -> sign(Mesh, Me);
        _ -> ok
    end.
