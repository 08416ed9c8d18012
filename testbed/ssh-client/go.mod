module testbed/ssh-client

go 1.25.0

require (
	github.com/pkg/sftp v1.13.10
	golang.org/x/crypto v0.49.0
)

require (
	github.com/kr/fs v0.1.0 // indirect
	golang.org/x/sys v0.42.0 // indirect
)
