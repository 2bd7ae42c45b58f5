package meshwork.engine.plain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

import meshwork.api.engine.Vocabulary;

/** The 256 bytes, and control tokens after them; the first control token ends what the model has to say. */
public final class ByteVocabulary implements Vocabulary {

	private static final int BYTES = 256;

	private final List<String> controls;

	/** @param controls names of the control tokens, at least one */
	public ByteVocabulary(String... controls) {
		if (controls.length == 0)
			throw new IllegalArgumentException("a vocabulary needs a token that ends what the model has to say");
		this.controls = List.of(controls);
	}

	/** The control token of this name. */
	public int control(String name) {
		int index = controls.indexOf(name);
		if (index < 0)
			throw new IllegalArgumentException("there is no control token " + name);
		return BYTES + index;
	}

	@Override
	public int size() {
		return BYTES + controls.size();
	}

	@Override
	public int[] tokenize(String text, boolean special, boolean begin) {
		var tokens = new int[text.length() * 3];
		int count = 0;
		int from = 0;
		for (int at = 0; special && at < text.length(); at++) {
			int control = controlAt(text, at);
			if (control < 0)
				continue;
			count = bytes(text.substring(from, at), tokens, count);
			tokens[count++] = BYTES + control;
			from = at + controls.get(control).length();
			at = from - 1;
		}
		return Arrays.copyOf(tokens, bytes(text.substring(from), tokens, count));
	}

	private int controlAt(String text, int at) {
		for (int control = 0; control < controls.size(); control++)
			if (text.startsWith(controls.get(control), at))
				return control;
		return -1;
	}

	private static int bytes(String text, int[] tokens, int count) {
		for (byte b : text.getBytes(StandardCharsets.UTF_8))
			tokens[count++] = b & 0xff;
		return count;
	}

	@Override
	public byte[] bytes(int token, boolean special) {
		if (token < BYTES)
			return new byte[] {(byte) token};
		return special ? controls.get(token - BYTES).getBytes(StandardCharsets.UTF_8) : new byte[0];
	}

	@Override
	public boolean ends(int token) {
		return token == BYTES;
	}

	@Override
	public OptionalInt begin() {
		return OptionalInt.empty();
	}

	@Override
	public OptionalInt end() {
		return OptionalInt.of(BYTES);
	}

	@Override
	public boolean addsBegin() {
		return false;
	}
}
