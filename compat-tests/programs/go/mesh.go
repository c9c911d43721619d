// One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// record holds the fields of the messages that this program reads.
type record struct {
	Type    string
	From    string `json:"from_agent"`
	Task    string
	Attempt int
	Receipt string
	Result  string
}

func parse(text []byte) (message record) {
	if err := json.Unmarshal(text, &message); err != nil {
		log.Fatal(err)
	}
	return message
}

func connect(options ...redis.DialOption) redis.Conn {
	return must(redis.Dial("tcp", "127.0.0.1:"+os.Getenv("CLAWLINK_PORT"), options...))
}

// must ends the program on an error; otherwise it hands the value on.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	me, neighbour, members := os.Args[1], os.Args[2], os.Args[3]

	register := []any{me, "ID", me, "CAPS", "greeter"}
	key := fields(connect().Do("CLAW.REGISTER", register...))["key"]

	// Whoever shows the key is the agent: it is the password of any client.
	identity := []redis.DialOption{redis.DialUsername("agent:" + me), redis.DialPassword(key)}
	mesh := connect(identity...)
	channel := redis.PubSubConn{Conn: connect(identity...)}

	if err := channel.Subscribe("topic:hello"); err != nil {
		log.Fatal(err)
	}
	var heard []string
	for fmt.Sprint(len(heard)) != members {
		switch message := channel.Receive().(type) {
		case redis.Message:
			if string(message.Data) == "begin" {
				must(mesh.Do("CLAW.BROADCAST", "hello", "hello from "+me))
			} else {
				heard = append(heard, parse(message.Data).From)
			}
		case error:
			log.Fatal(message)
		}
	}
	channel.Close()
	sort.Strings(heard)
	fmt.Println("heard:", strings.Join(heard, " "))
	greeters := must(redis.Values(mesh.Do("CLAW.DISCOVER", "CAP", "greeter")))
	fmt.Println("greeters:", len(greeters))

	_, err := mesh.Do("CLAW.DELEGATE", "nobody", "greet me")
	if refusal, is := err.(redis.Error); is {
		fmt.Println("refused:", refusal)
	}

	sent := must(redis.String(mesh.Do("CLAW.DELEGATE", neighbour, "greet me")))

	var task record
	for task.Receipt == "" {
		for _, message := range must(redis.ByteSlices(mesh.Do("CLAW.POLL", me, "BLOCK", 30000))) {
			if message := parse(message); message.Type == "task_delegation" {
				task = message
			}
		}
	}
	fmt.Printf("task from %s: %s, attempt %d\n", task.From, task.Task, task.Attempt)
	must(mesh.Do("CLAW.RESPOND", task.Receipt, "hello "+task.From))

	answer := parse(must(redis.Bytes(mesh.Do("CLAW.AWAIT", sent, "TIMEOUT", 30))))
	fmt.Printf("answer from %s: %s\n", answer.From, answer.Result)

	// Everybody adds a line to one file: who was overtaken reads it again.
	for conflict := true; conflict; {
		file := fields(mesh.Do("CLAW.FILE", "GET", "roll.txt"))
		edited := file["content"] + me + "\n"
		put := []any{"PUT", "roll.txt", edited, "BASE", file["version"], "MERGE"}
		conflict = fields(mesh.Do("CLAW.FILE", put...))["status"] == "conflict"
	}
	signed := "no"
	if strings.Contains(must(redis.String(mesh.Do("GET", "file:roll.txt"))), "\n"+me+"\n") {
		signed = "yes"
	}
	fmt.Println("the roll is signed:", signed)
}

// fields makes a map of texts from a flat list of names and values.
func fields(reply any, err error) map[string]string {
	values := must(redis.Values(reply, err))
	fields := map[string]string{}
	for index := 0; index < len(values); index += 2 {
		fields[fmt.Sprintf("%s", values[index])] = text(values[index+1])
	}
	return fields
}

func text(value any) string {
	if bytes, is := value.([]byte); is {
		return string(bytes)
	}
	return fmt.Sprint(value)
}
