package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.Vocabulary;

/** The tokens of a model, as llama.cpp cuts them. */
final class LlamaVocabulary implements Vocabulary {

	private static final int LONGEST_PIECE = 64;
	private static final int NONE = -1;

	final MemorySegment pointer;
	private final Llama calls;
	private final int size;
	private final int begin;
	private final int end;
	private final boolean addsBegin;
	private final AtomicReferenceArray<byte[]> plain;
	private final AtomicReferenceArray<byte[]> named;

	LlamaVocabulary(Llama calls, MemorySegment pointer) {
		this.calls = calls;
		this.pointer = pointer;
		size = calls.llama_vocab_n_tokens(pointer);
		begin = calls.llama_vocab_bos(pointer);
		int turn = calls.llama_vocab_eot(pointer);
		end = turn == NONE ? calls.llama_vocab_eos(pointer) : turn;
		addsBegin = calls.llama_vocab_get_add_bos(pointer);
		plain = new AtomicReferenceArray<>(size);
		named = new AtomicReferenceArray<>(size);
	}

	@Override
	public int size() {
		return size;
	}

	@Override
	public int[] tokenize(String text, boolean special, boolean begin) {
		try (Arena arena = Arena.ofConfined()) {
			byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
			MemorySegment bytes = arena.allocate(Math.max(1, utf8.length)).copyFrom(MemorySegment.ofArray(utf8));
			// a token stands for a byte at least, but for what begins and ends a text
			int capacity = Math.addExact(utf8.length, 8);
			int count = NONE;
			MemorySegment tokens = MemorySegment.NULL;
			while (count < 0) {
				tokens = arena.allocate(JAVA_INT, capacity);
				count = calls.llama_tokenize(pointer, bytes, utf8.length, tokens, capacity, begin, special);
				if (count == Integer.MIN_VALUE)
					throw new IllegalArgumentException("a text of " + utf8.length + " bytes is too long to cut into tokens");
				capacity = -count;
			}
			return tokens.asSlice(0, JAVA_INT.byteSize() * count).toArray(JAVA_INT);
		}
	}

	/** As llama.cpp's server has it: begin, first, end, separator, second, end, each where the model has it. */
	@Override
	public int[] pair(String first, String second) {
		int eos = calls.llama_vocab_eos(pointer);
		int separator = calls.llama_vocab_sep(pointer);
		int[] begins = where(addsBegin, begin);
		int[] ends = where(calls.llama_vocab_get_add_eos(pointer), eos == NONE ? separator : eos);
		int[] separates = where(calls.llama_vocab_get_add_sep(pointer), separator);
		return Stream.of(begins, tokenize(first, false, false), ends, separates, tokenize(second, false, false), ends)
				.flatMapToInt(IntStream::of).toArray();
	}

	private static int[] where(boolean added, int token) {
		return added && token != NONE ? new int[] {token} : new int[0];
	}

	@Override
	public byte[] bytes(int token, boolean special) {
		AtomicReferenceArray<byte[]> pieces = special ? named : plain;
		byte[] piece = pieces.get(check(token));
		if (piece == null) {
			piece = piece(token, special);
			pieces.set(token, piece);
		}
		return piece;
	}

	private byte[] piece(int token, boolean special) {
		try (Arena arena = Arena.ofConfined()) {
			int capacity = LONGEST_PIECE;
			while (true) {
				MemorySegment buffer = arena.allocate(capacity);
				int length = calls.llama_token_to_piece(pointer, token, buffer, capacity, 0, special);
				if (length >= 0)
					return buffer.asSlice(0, length).toArray(JAVA_BYTE);
				capacity = -length;
			}
		}
	}

	@Override
	public boolean ends(int token) {
		return calls.llama_vocab_is_eog(pointer, check(token));
	}

	/** A token that ends what the model has to say, for where nothing else can be said. */
	int stop() {
		if (end == NONE)
			throw new EngineFailed("nothing more can be said, and the model has no token that says so");
		return end;
	}

	int check(int token) {
		return Objects.checkIndex(token, size);
	}

	@Override
	public OptionalInt begin() {
		return token(begin);
	}

	@Override
	public OptionalInt end() {
		return token(end);
	}

	@Override
	public boolean addsBegin() {
		return addsBegin;
	}

	@Override
	public OptionalInt infill(Infill part) {
		return token(switch (part) {
			case PREFIX -> calls.llama_vocab_fim_pre(pointer);
			case SUFFIX -> calls.llama_vocab_fim_suf(pointer);
			case MIDDLE -> calls.llama_vocab_fim_mid(pointer);
			case REPOSITORY -> calls.llama_vocab_fim_rep(pointer);
			case FILE -> calls.llama_vocab_fim_sep(pointer);
		});
	}

	private static OptionalInt token(int token) {
		return token == NONE ? OptionalInt.empty() : OptionalInt.of(token);
	}
}
