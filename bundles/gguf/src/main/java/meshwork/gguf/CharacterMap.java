package meshwork.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.Function;

/**
 * The precompiled normalization of a unigram tokenizer: the size of a double-array trie, the trie, and the texts that
 * its leaves point at. Walking it, llama.cpp throws when an index leaves its array, and nobody catches that.
 */
final class CharacterMap {

	private static final String KEY = "tokenizer.ggml.precompiled_charsmap";

	private final Metadata metadata;

	CharacterMap(Metadata metadata) {
		this.metadata = metadata;
	}

	/** Walks the whole trie, as every possible text would. */
	void check(Function<String, ModelRejected> rejected) {
		Value value = metadata.value(KEY).orElse(null);
		if (value == null) {
			return;
		}
		if (!(value instanceof Value.Numbers map)
				|| map.elementType() != ValueType.U8 && map.elementType() != ValueType.I8) {
			throw rejected.apply(KEY + " is " + value + ", not an array of bytes");
		}
		MemorySegment bytes = map.bytes();
		long size = bytes.byteSize() < Integer.BYTES ? -1 : bytes.get(LittleEndian.INT, 0) & 0xFFFF_FFFFL;
		if (size < 0 || size + Integer.BYTES >= bytes.byteSize()) {
			throw rejected.apply(KEY + " is shorter than it claims");
		}
		MemorySegment trie = bytes.asSlice(Integer.BYTES, size - size % Integer.BYTES);
		MemorySegment texts = bytes.asSlice(Integer.BYTES + size);
		if (texts.get(ValueLayout.JAVA_BYTE, texts.byteSize() - 1) != 0) {
			throw rejected.apply(KEY + " has a last text without an end");
		}
		if (!walk(trie, texts.byteSize())) {
			throw rejected.apply(KEY + " points beyond its end: the file is damaged");
		}
	}

	private static boolean walk(MemorySegment trie, long texts) {
		int nodes = (int) (trie.byteSize() / Integer.BYTES);
		if (nodes == 0) {
			return true;
		}
		BitSet seen = new BitSet(nodes);
		Deque<Integer> open = new ArrayDeque<>();
		open.add(base(node(trie, 0)));
		while (!open.isEmpty()) {
			int parent = open.remove();
			for (int character = 1; character < 256; character++) {
				int at = parent ^ character;
				if (at < 0 || at >= nodes) {
					return false;
				}
				int node = node(trie, at);
				if ((node & 0x8000_00FF) != character || seen.get(at)) {
					continue;
				}
				seen.set(at);
				int child = at ^ base(node);
				boolean leaf = (node >>> 8 & 1) != 0;
				if (leaf && (child < 0 || child >= nodes || (node(trie, child) & 0x7FFF_FFFF) >= texts)) {
					return false;
				}
				open.add(child);
			}
		}
		return true;
	}

	private static int node(MemorySegment trie, int at) {
		return trie.get(LittleEndian.INT, (long) at * Integer.BYTES);
	}

	private static int base(int node) {
		return node >>> 10 << ((node & 1 << 9) >>> 6);
	}
}
