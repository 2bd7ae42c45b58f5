package meshwork.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The texts of a vocabulary, and which token has which: a hash table over the bytes of the file. */
final class TokenTexts {

	private final byte[] bytes;
	private final int[] starts;
	private final int[] ends;
	/** Hash in the upper half, token + 1 in the lower; 0 if free. */
	private final long[] slots;

	TokenTexts(Value.Texts tokens) {
		bytes = tokens.bytes().toArray(ValueLayout.JAVA_BYTE);
		starts = tokens.starts();
		ends = new int[starts.length];
		for (int i = 0; i < ends.length; i++) {
			ends[i] = end(starts[i], starts[i] + tokens.length(i));
		}
		slots = new long[Integer.highestOneBit(starts.length) * 4];
	}

	/** llama.cpp sees no further than a NUL. */
	private int end(int start, int end) {
		int at = start;
		while (at < end && bytes[at] != 0) {
			at++;
		}
		return at;
	}

	boolean isEmpty(int token) {
		return starts[token] == ends[token];
	}

	String text(int token) {
		return new String(bytes, starts[token], ends[token] - starts[token], UTF_8);
	}

	/**
	 * Adds {@code token}.
	 *
	 * @return the token that has its text already, or -1
	 */
	int add(int token) {
		int hash = hash(bytes, starts[token], ends[token]);
		int slot = find(bytes, starts[token], ends[token], hash);
		if (slots[slot] != 0) {
			return (int) slots[slot] - 1;
		}
		slots[slot] = (long) hash << 32 | token + 1;
		return -1;
	}

	/** Whether a token with that text was added. */
	boolean contains(String text) {
		byte[] utf8 = text.getBytes(UTF_8);
		return slots[find(utf8, 0, utf8.length, hash(utf8, 0, utf8.length))] != 0;
	}

	private int find(byte[] text, int start, int end, int hash) {
		int slot = hash & (slots.length - 1);
		while (slots[slot] != 0 && !is((int) slots[slot] - 1, (int) (slots[slot] >>> 32) == hash, text, start, end)) {
			slot = (slot + 1) & (slots.length - 1);
		}
		return slot;
	}

	private boolean is(int token, boolean sameHash, byte[] text, int start, int end) {
		return sameHash && Arrays.equals(bytes, starts[token], ends[token], text, start, end);
	}

	private static int hash(byte[] text, int start, int end) {
		int hash = 1;
		for (int i = start; i < end; i++) {
			hash = 31 * hash + text[i];
		}
		hash *= 0x9E37_79B9;
		return hash ^ hash >>> 15;
	}
}
