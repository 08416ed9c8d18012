// Command go-ssh is an SSH client for tests, of golang.org/x/crypto/ssh, with SFTP by github.com/pkg/sftp.
//
//	go-ssh --host H --port N --user U --key FILE --known-hosts FILE [--rekey BYTES] [--keepalive SECONDS] ACTION
//
// The actions are those of the other clients that are libraries (test/e2e/clients/programs).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

var (
	host       = flag.String("host", "127.0.0.1", "")
	port       = flag.Int("port", 22, "")
	user       = flag.String("user", "", "")
	keyFile    = flag.String("key", "", "")
	knownHosts = flag.String("known-hosts", "", "")
	rekey      = flag.Uint64("rekey", 0, "bytes after which keys are exchanged anew; says at its end how often they were")
	keepalive  = flag.Float64("keepalive", 0, "seconds between two questions for a sign of life")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	exchanges := 0
	client, err := connect(&exchanges)
	if err != nil {
		log.Fatal(err)
	}
	if *keepalive > 0 {
		go keepAlive(client)
	}
	err = act(client, flag.Args())
	if *rekey > 0 {
		log.Printf("key exchanges: %d", exchanges)
	}
	_ = client.Close()
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitStatus())
	}
	if err != nil {
		log.Fatal(err)
	}
}

func connect(exchanges *int) (*ssh.Client, error) {
	key, err := os.ReadFile(*keyFile)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey(key)
	if err != nil {
		return nil, err
	}
	known, err := knownhosts.New(*knownHosts)
	if err != nil {
		return nil, err
	}
	config := &ssh.ClientConfig{
		User: *user,
		Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		// It is called in each key exchange, the first one too.
		HostKeyCallback: func(name string, remote net.Addr, key ssh.PublicKey) error {
			*exchanges++
			return known(name, remote, key)
		},
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		BannerCallback:    ssh.BannerDisplayStderr(),
		Timeout:           30 * time.Second,
	}
	config.RekeyThreshold = *rekey
	return ssh.Dial("tcp", net.JoinHostPort(*host, strconv.Itoa(*port)), config)
}

func keepAlive(client *ssh.Client) {
	for range time.Tick(time.Duration(*keepalive * float64(time.Second))) {
		if _, _, err := client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			log.Fatalf("no sign of life: %v", err)
		}
	}
}

func act(client *ssh.Client, words []string) error {
	if len(words) < 2 {
		return errors.New("an action and its words are wanted")
	}
	switch words[0] {
	case "exec":
		return execute(client, words[1], os.Stdin, os.Stdout)
	case "terminal":
		return terminal(client, words[1:])
	case "many":
		return many(client, words[1], words[2])
	case "put":
		return copyBySftp(client, words[1], words[2], true)
	case "get":
		return copyBySftp(client, words[2], words[1], false)
	case "local-forward":
		return localForward(client, words[1])
	case "remote-forward":
		return remoteForward(client, words[1], words[2])
	}
	return fmt.Errorf("no action %q", words[0])
}

func execute(client *ssh.Client, command string, in io.Reader, out io.Writer) error {
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	session.Stdin, session.Stdout, session.Stderr = in, out, os.Stderr
	return session.Run(command)
}

func terminal(client *ssh.Client, words []string) error {
	columns, _ := strconv.Atoi(words[0])
	rows, _ := strconv.Atoi(words[1])
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := session.RequestPty("xterm", rows, columns, nil); err != nil {
		return err
	}
	session.Stdout = os.Stdout
	return session.Run(words[2])
}

// many runs a command in several channels at once.
func many(client *ssh.Client, count, command string) error {
	number, _ := strconv.Atoi(count)
	var all sync.WaitGroup
	failures := make([]error, number)
	for i := range number {
		all.Go(func() { failures[i] = execute(client, command, nil, os.Stdout) })
	}
	all.Wait()
	return errors.Join(failures...)
}

func copyBySftp(client *ssh.Client, local, remote string, up bool) error {
	files, err := sftp.NewClient(client)
	if err != nil {
		return err
	}
	defer files.Close()
	if up {
		from, err := os.Open(local)
		if err != nil {
			return err
		}
		to, err := files.Create(remote)
		if err != nil {
			return err
		}
		_, err = to.ReadFrom(from)
		return errors.Join(err, to.Close())
	}
	from, err := files.Open(remote)
	if err != nil {
		return err
	}
	to, err := os.Create(local)
	if err != nil {
		return err
	}
	_, err = from.WriteTo(to)
	return errors.Join(err, to.Close())
}

// localForward is ssh -L: it says its port, and lasts until its input ends.
func localForward(client *ssh.Client, target string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	dial := func() (net.Conn, error) { return client.Dial("tcp", "127.0.0.1:"+target) }
	return forward(listener, dial)
}

// remoteForward is ssh -R.
func remoteForward(client *ssh.Client, listen, target string) error {
	listener, err := client.Listen("tcp", "127.0.0.1:"+listen)
	if err != nil {
		return err
	}
	dial := func() (net.Conn, error) { return net.Dial("tcp", "127.0.0.1:"+target) }
	return forward(listener, dial)
}

func forward(listener net.Listener, dial func() (net.Conn, error)) error {
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := dial()
			if err != nil {
				log.Print(err)
				_ = from.Close()
				continue
			}
			go carry(from, to)
			go carry(to, from)
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, listener.Close())
}

// carry hands on the end of one direction alone.
func carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
