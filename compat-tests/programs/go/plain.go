// What an ordinary client does, with the broker or with Redis: see ../README.md.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/gomodule/redigo/redis"
)

func connect(token string) (redis.Conn, error) {
	address := "127.0.0.1:" + os.Getenv("CLAWLINK_PORT")
	return redis.Dial("tcp", address, redis.DialPassword(token))
}

// must ends the program on an error; otherwise it hands the value on.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	token := os.Getenv("CLAWLINK_TOKEN")
	_, err := connect("guessed")
	if refusal, is := err.(redis.Error); is && strings.HasPrefix(string(refusal), "WRONGPASS") {
		fmt.Println("wrong token: refused")
	}

	mesh := must(connect(token))
	other := must(connect(token))

	content := make([]byte, 1<<20)
	for index := range content {
		content[index] = byte(index)
	}
	must(mesh.Do("SET", "file:bytes", content))
	back := "broken"
	if bytes.Equal(content, must(redis.Bytes(mesh.Do("GET", "file:bytes")))) {
		back = "back"
	}
	fmt.Println("bytes:", len(content), back)

	must(mesh.Do("SET", "file:notes.txt", "one"))
	must(mesh.Do("APPEND", "file:notes.txt", " two"))
	fmt.Println("file:", must(redis.String(mesh.Do("GET", "file:notes.txt"))))

	for range [3]int{} {
		mesh.Send("INCR", "counter")
	}
	counts := must(redis.Ints(mesh.Do("")))
	fmt.Println("pipeline:", counts[0], counts[1], counts[2])

	mesh.Send("MULTI")
	mesh.Send("INCR", "counter")
	mesh.Send("GET", "file:notes.txt")
	results := must(redis.Values(mesh.Do("EXEC")))
	fmt.Printf("transaction: %d %s\n", results...)

	must(mesh.Do("WATCH", "counter"))
	must(other.Do("INCR", "counter"))
	mesh.Send("MULTI")
	mesh.Send("INCR", "counter")
	if must(mesh.Do("EXEC")) == nil {
		fmt.Println("watched: somebody else was first")
	}

	// The client sends EVALSHA, and EVAL when it is told NOSCRIPT.
	add := redis.NewScript(1, "return redis.call('INCRBY', KEYS[1], ARGV[1])")
	fmt.Println("script:", must(add.Do(mesh, "counter", 5)))

	_, err = mesh.Do("LPUSH", "counter", "x")
	if refusal, is := err.(redis.Error); is {
		fmt.Println("refused:", refusal)
	}

	channel := redis.PubSubConn{Conn: must(connect(token))}
	if err := channel.Subscribe("topic:news"); err != nil {
		log.Fatal(err)
	}
	for heard := false; !heard; {
		switch message := channel.Receive().(type) {
		case redis.Message:
			fmt.Printf("heard: %s\n", message.Data)
			heard = true
		case error:
			log.Fatal(message)
		}
	}
	channel.Close()

	popped := must(redis.Strings(mesh.Do("BRPOP", "inbox:plain", 30)))
	fmt.Println("popped:", popped[1])

	// The server closes the connection, which is an error; this client is told to connect again.
	must(other.Do("CLIENT", "KILL", "ID", must(mesh.Do("CLIENT", "ID"))))
	if _, err := mesh.Do("GET", "file:notes.txt"); err != nil {
		mesh = must(connect(token))
	}
	fmt.Println("connected again:", must(redis.String(mesh.Do("GET", "file:notes.txt"))))
}
