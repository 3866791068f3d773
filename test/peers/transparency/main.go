// Verifies a published log without any of the product's code: hashes, proofs and signatures by golang.org/x/mod, the file
// formats by the text of https://c2sp.org/tlog-tiles and https://c2sp.org/tlog-checkpoint.
//
//	go run . DIR VKEY [PROOFS]
//
// prints the size and the root, or what is wrong, and then exits with status 1. PROOFS is a JSON file of inclusion and
// consistency proofs made by the product, to be checked against the same tree.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileWidth = 256

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: transparency DIR VKEY [PROOFS]")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "transparency:", err)
		os.Exit(1)
	}
}

func verify(dir, vkey string, proofs []string) error {
	origin, tree, err := readCheckpoint(filepath.Join(dir, "checkpoint"), vkey)
	if err != nil {
		return err
	}
	log, err := readLog(dir, tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, log.stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have root %v, the checkpoint says %v", root, tree.Hash)
	}
	if err := log.checkTiles(dir, tree.N); err != nil {
		return err
	}
	for _, file := range proofs {
		if err := log.checkProofs(file, tree); err != nil {
			return err
		}
	}
	fmt.Printf("origin %s\nsize %d\nroot %v\n", origin, tree.N, tree.Hash)
	return nil
}

// readCheckpoint follows c2sp.org/tlog-checkpoint: origin, size without leading zeroes, base64 root, optional extensions.
func readCheckpoint(file, vkey string) (origin string, tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", tree, err
	}
	signed, err := os.ReadFile(file)
	if err != nil {
		return "", tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return "", tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return "", tree, errors.New("the checkpoint has fewer than three lines")
	}
	if lines[0] != verifier.Name() {
		return "", tree, fmt.Errorf("origin %q is not the key's name %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", tree, fmt.Errorf("size %q is not a plain decimal number", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return "", tree, fmt.Errorf("root %q is not a hash", lines[2])
	}
	tree.N = size
	copy(tree.Hash[:], root)
	return lines[0], tree, nil
}

// storedHashes is the tree in the order of tlog.StoredHashIndex.
type storedHashes []tlog.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("hash %d is not stored", index)
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

type publishedLog struct {
	entries [][]byte
	stored  storedHashes
}

func readLog(dir string, size int64) (*publishedLog, error) {
	log := &publishedLog{}
	for n := int64(0); n*tileWidth < size; n++ {
		width := min(tileWidth, size-n*tileWidth)
		bundle, err := os.ReadFile(filepath.Join(dir, path("entries", n, width)))
		if err != nil {
			return nil, err
		}
		entries, err := parseBundle(bundle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path("entries", n, width), err)
		}
		if int64(len(entries)) != width {
			return nil, fmt.Errorf("%s: has %d entries", path("entries", n, width), len(entries))
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(int64(len(log.entries)), entry, log.stored)
			if err != nil {
				return nil, err
			}
			log.entries = append(log.entries, entry)
			log.stored = append(log.stored, hashes...)
		}
	}
	return log, nil
}

// path follows c2sp.org/tlog-tiles: tile/<L>/<N>[.p/<W>], N in groups of three digits, all but the last behind an x.
func path(level string, n, width int64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width < tileWidth {
		name = fmt.Sprintf("%s.p/%d", name, width)
	}
	return "tile/" + level + "/" + name
}

// parseBundle follows c2sp.org/tlog-tiles: big-endian uint16 length-prefixed entries.
func parseBundle(bundle []byte) (entries [][]byte, err error) {
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, errors.New("ends inside a length")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			return nil, errors.New("ends inside an entry")
		}
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	return entries, nil
}

// checkTiles compares every tile a tree of this size has with hashes computed from the entries.
func (log *publishedLog) checkTiles(dir string, size int64) error {
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes/tileWidth {
		for n := int64(0); n*tileWidth < hashes; n++ {
			width := min(tileWidth, hashes-n*tileWidth)
			var want bytes.Buffer
			for i := n * tileWidth; i < n*tileWidth+width; i++ {
				want.Write(log.stored[tlog.StoredHashIndex(8*level, i)][:])
			}
			name := path(strconv.Itoa(level), n, width)
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want.Bytes()) {
				return fmt.Errorf("%s: differs from the hashes of the entries", name)
			}
		}
	}
	return nil
}

type proofFile struct {
	Inclusion []struct {
		Index int64
		Size  int64
		Root  []byte
		Proof [][]byte
	}
	Consistency []struct {
		Old     int64
		OldRoot []byte
		New     int64
		NewRoot []byte
		Proof   [][]byte
	}
}

func (log *publishedLog) checkProofs(file string, tree tlog.Tree) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var proofs proofFile
	if err := json.Unmarshal(text, &proofs); err != nil {
		return err
	}
	for _, p := range proofs.Inclusion {
		leaf := tlog.RecordHash(log.entries[p.Index])
		if err := tlog.CheckRecord(hashes(p.Proof), p.Size, hash(p.Root), p.Index, leaf); err != nil {
			return fmt.Errorf("inclusion of %d in %d: %w", p.Index, p.Size, err)
		}
	}
	for _, p := range proofs.Consistency {
		if err := tlog.CheckTree(hashes(p.Proof), p.New, hash(p.NewRoot), p.Old, hash(p.OldRoot)); err != nil {
			return fmt.Errorf("consistency of %d with %d: %w", p.Old, p.New, err)
		}
		if p.New == tree.N && hash(p.NewRoot) != tree.Hash {
			return fmt.Errorf("consistency of %d with %d: not the checkpoint's root", p.Old, p.New)
		}
	}
	fmt.Printf("proofs %d\n", len(proofs.Inclusion)+len(proofs.Consistency))
	return nil
}

func hash(b []byte) (h tlog.Hash) {
	copy(h[:], b)
	return h
}

func hashes(list [][]byte) []tlog.Hash {
	all := make([]tlog.Hash, len(list))
	for i, b := range list {
		all[i] = hash(b)
	}
	return all
}
