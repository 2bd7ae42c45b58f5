package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Checks a model's vocabulary: what llama.cpp asserts of it while it loads, and what its tokenizers need so that no
 * text, however odd, makes them throw (which ends the process), or run for ever.
 */
final class VocabularyCheck {

	private static final String PREFIX = "tokenizer.ggml.";
	private static final int MAX_TOKEN_BYTES = 64 << 10;
	/** Of the tokenizers that build a trie, and take it apart again, recursively. */
	private static final int MAX_TRIE_TOKEN_BYTES = 512;
	private static final long NO_TOKEN = 0xFFFF_FFFFL;

	/** Leaves splitting at spaces to the tokenizer of the same name. */
	private static final String SPLITS_NOTHING = "whitespace";
	private static final Set<String> BYTE_PAIR = Set.of("gpt2", "gemma4", "hybriddna", SPLITS_NOTHING);
	private static final Set<String> OTHERS = Set.of("llama", "bert", "t5", "rwkv", "plamo2", "test");
	private static final Set<String> WITHOUT = Set.of("no_vocab", "none");
	private static final Set<String> PRETOKENIZERS = Set.copyOf(Facts.lines("pretokenizers.txt"));
	/** Pre-tokenizers whose prompts begin with the BOS token unless the file says otherwise. */
	private static final Set<String> BOS_BY_DEFAULT = Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1",
			"pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "tekken", "chameleon");
	/** Pre-tokenizers whose prompts begin with the BOS token whatever the file says. */
	private static final Set<String> BOS_ALWAYS = Set.of("gemma4", "granite-embed-multi-311m");
	private static final Set<String> NO_DEFAULT_BOS = Set.of("glm4", "chatglm-bpe");
	private static final Set<String> SPECIAL_TOKENS = Set.of("bos", "eos", "eot", "eom", "unknown", "seperator",
			"padding", "mask", "fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep", "prefix", "suffix",
			"middle");

	private final Gguf model;
	private final Metadata metadata;

	VocabularyCheck(Gguf model) {
		this.model = model;
		this.metadata = model.metadata();
	}

	/**
	 * Checks it.
	 *
	 * @return how many tokens it has
	 */
	int size() {
		String tokenizer = metadata.text(PREFIX + "model")
				.orElseThrow(() -> rejected(PREFIX + "model is missing: there is no way to turn text into tokens"));
		if (WITHOUT.contains(tokenizer)) {
			throw rejected("it comes without a vocabulary (" + PREFIX + "model is " + tokenizer
					+ "): there is no way to turn text into tokens");
		}
		if (!BYTE_PAIR.contains(tokenizer) && !OTHERS.contains(tokenizer)) {
			throw rejected(PREFIX + "model is " + tokenizer + ", which the engine doesn't know");
		}
		Value.Texts tokens = metadata.texts(PREFIX + "tokens")
				.orElseThrow(() -> rejected(PREFIX + "tokens is missing, or no array of strings"));
		if (tokens.size() == 0) {
			throw rejected(PREFIX + "tokens is empty");
		}
		columns(tokens.size());
		texts(tokens, tokenizer);
		specialTokens(tokens.size());
		switch (tokenizer) {
			case "llama" -> {
				bytes(tokens);
				needed("bos", true, 1, tokens.size());
				needed("eos", false, 2, tokens.size());
			}
			case "bert" -> {
				always("bos", 101, tokens.size());
				always("seperator", 102, tokens.size());
				always("unknown", 100, tokens.size());
			}
			case "t5" -> {
				new CharacterMap(metadata).check(this::rejected);
				needed("bos", false, NO_TOKEN, tokens.size());
				needed("eos", true, 1, tokens.size());
				always("unknown", 2, tokens.size());
			}
			case "rwkv" -> rwkv(tokens);
			default -> {
				if (BYTE_PAIR.contains(tokenizer)) {
					bytePair(tokenizer, tokens.size());
				}
			}
		}
		return tokens.size();
	}

	/** Scores and types: one for each token. */
	private void columns(int tokens) {
		column("scores", tokens, Set.of(ValueType.F32, ValueType.I32));
		column("token_type", tokens, Set.of(ValueType.I32));
	}

	private void column(String name, int tokens, Set<ValueType> types) {
		metadata.value(PREFIX + name).ifPresent(value -> {
			if (!(value instanceof Value.Numbers numbers) || !types.contains(numbers.elementType())) {
				throw rejected(PREFIX + name + " is " + value + ", not an array of "
						+ (types.contains(ValueType.F32) ? ValueType.F32 : ValueType.I32));
			}
			if (numbers.size() < tokens) {
				throw rejected(PREFIX + name + " has " + count(numbers.size()) + " elements for " + count(tokens)
						+ " tokens");
			}
		});
	}

	/** Each token has a text of its own: llama.cpp asserts it, having named those without. */
	private void texts(Value.Texts tokens, String tokenizer) {
		int most = tokenizer.equals("t5") || tokenizer.equals("rwkv") ? MAX_TRIE_TOKEN_BYTES : MAX_TOKEN_BYTES;
		TokenTexts texts = new TokenTexts(tokens);
		for (int i = 0; i < tokens.size(); i++) {
			if (tokens.length(i) > most) {
				throw rejected("token " + i + " has " + count(tokens.length(i)) + " bytes, at most " + count(most)
						+ " are accepted");
			}
			int other = texts.isEmpty(i) ? -1 : texts.add(i);
			if (other >= 0) {
				throw rejected("tokens " + other + " and " + i + " have the same text '" + texts.text(i) + "'");
			}
		}
		for (int i = 0; i < tokens.size(); i++) {
			if (texts.isEmpty(i) && texts.contains("[EMPTY_" + i + "]")) {
				throw rejected("token " + i + " is empty, and another has the text '[EMPTY_" + i
						+ "]', which stands for an empty one");
			}
		}
	}

	private void specialTokens(int tokens) {
		for (String name : SPECIAL_TOKENS) {
			OptionalLong id = id(name);
			if (id.isPresent() && id.getAsLong() != NO_TOKEN && id.getAsLong() >= tokens) {
				throw rejected(key(name) + " is " + count(id.getAsLong()) + " in a vocabulary of " + count(tokens)
						+ " tokens");
			}
		}
	}

	private void bytePair(String tokenizer, int tokens) {
		String pretokenizer = tokenizer.equals("gemma4") ? "gemma4" : metadata.text(PREFIX + "pre").orElse("");
		if (!pretokenizer.isEmpty() && !PRETOKENIZERS.contains(pretokenizer)) {
			throw rejected(PREFIX + "pre is " + pretokenizer + ", which the engine doesn't know");
		}
		if (pretokenizer.equals(SPLITS_NOTHING) && !tokenizer.equals(SPLITS_NOTHING)) {
			throw rejected(PREFIX + "pre is " + pretokenizer + ", which only the tokenizer of that name can do with");
		}
		if (metadata.texts(PREFIX + "merges").isEmpty() && !pretokenizer.equals("kimi-k2")) {
			throw rejected(PREFIX + "merges is missing, or no array of strings");
		}
		long eos = tokenizer.equals("gemma4") ? NO_TOKEN : 11;
		long bos = NO_DEFAULT_BOS.contains(pretokenizer) ? NO_TOKEN : eos;
		if (BOS_ALWAYS.contains(pretokenizer)) {
			always("bos", bos, tokens);
		} else {
			needed("bos", BOS_BY_DEFAULT.contains(pretokenizer), bos, tokens);
		}
		needed("eos", false, eos, tokens);
	}

	/** A special token that is added to each prompt if the file, or else {@code otherwise}, says so. */
	private void needed(String name, boolean otherwise, long defaultId, int tokens) {
		if (metadata.flag(PREFIX + "add_" + name + "_token").orElse(otherwise)) {
			always(name, defaultId, tokens);
		}
	}

	private void always(String name, long defaultId, int tokens) {
		long id = id(name).orElse(NO_TOKEN);
		if ((id == NO_TOKEN ? defaultId : id) >= tokens) {
			throw rejected(key(name) + " is missing, but this tokenizer needs that token");
		}
	}

	private OptionalLong id(String name) {
		return metadata.value(key(name)).map(value -> {
			if (value instanceof Value.Int(ValueType type, long id) && type == ValueType.U32) {
				return OptionalLong.of(id);
			}
			throw rejected(key(name) + " is " + value.type() + ", not u32");
		}).orElse(OptionalLong.empty());
	}

	private static String key(String name) {
		return PREFIX + name + "_token_id";
	}

	/** SentencePiece spells what it has no token for byte by byte. */
	private void bytes(Value.Texts tokens) {
		BitSet bytes = new BitSet(256);
		for (int i = 0; i < tokens.size(); i++) {
			if (tokens.length(i) == 1) {
				bytes.set(tokens.utf8(i).get(ValueLayout.JAVA_BYTE, 0) & 0xFF);
			} else if (tokens.length(i) == 6 && tokens.text(i).matches("<0x[0-9A-F]{2}>")) {
				bytes.set(Integer.parseInt(tokens.text(i).substring(3, 5), 16));
			}
		}
		if (bytes.nextClearBit(0) < 256) {
			throw rejected(String.format("there is no token for the byte <0x%02X>: text that needs it would end the engine",
					bytes.nextClearBit(0)));
		}
	}

	/** The RWKV tokenizer takes the longest token that fits, and never stops if not even one of a single byte does. */
	private void rwkv(Value.Texts tokens) {
		BitSet firsts = new BitSet(256);
		BitSet singles = new BitSet(256);
		for (int i = 0; i < tokens.size(); i++) {
			byte[] bytes = unescaped(tokens.utf8(i).toArray(ValueLayout.JAVA_BYTE));
			if (bytes.length > 0) {
				firsts.set(bytes[0] & 0xFF);
			}
			if (bytes.length == 1) {
				singles.set(bytes[0] & 0xFF);
			}
		}
		if (singles.nextClearBit(0) < 256) {
			always("unknown", NO_TOKEN, tokens.size());
		}
		firsts.andNot(singles);
		if (!firsts.isEmpty()) {
			throw rejected(String.format("tokens begin with the byte %02x, but it is no token itself: text that needs it "
					+ "would never be finished with", firsts.nextSetBit(0)));
		}
	}

	/** Undoes {@code \t}, {@code \n}, {@code \r}, {@code \xHH} and a backslash before anything else, as llama.cpp does. */
	private static byte[] unescaped(byte[] token) {
		byte[] bytes = new byte[token.length];
		int size = 0;
		for (int i = 0; i < token.length; i++) {
			byte value = token[i];
			if (value == '\\') {
				if (++i == token.length) {
					break;
				}
				value = switch (token[i]) {
					case 't' -> '\t';
					case 'n' -> '\n';
					case 'r' -> '\r';
					default -> token[i];
				};
				if (value == 'x') {
					i += 2;
					if (i >= token.length) {
						break;
					}
					value = (byte) ((digit(token[i - 1]) << 4) + digit(token[i]));
				}
			}
			bytes[size++] = value;
		}
		return Arrays.copyOf(bytes, size);
	}

	private static int digit(byte character) {
		return character >= 'a' ? character - 'a' + 10 : character - '0';
	}

	private ModelRejected rejected(String reason) {
		return new ModelRejected(reason, model.file());
	}
}
