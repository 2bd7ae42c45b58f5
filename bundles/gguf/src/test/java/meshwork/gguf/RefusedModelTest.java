package meshwork.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import meshwork.gguf.fixture.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What llama.cpp takes for granted of a model, missing alone: the file is well-formed, the model is refused. Nearly all
 * of these end llama.cpp's process, while it loads, at the first step, or at the first odd text.
 */
class RefusedModelTest {

	private static final String TOKENIZER = "tokenizer.ggml.";

	record Fault(String sentence, Supplier<TinyModel> model, String reason) {
		@Override
		public String toString() {
			return sentence;
		}
	}

	private static Fault dense(String sentence, UnaryOperator<TinyModel> change, String reason) {
		return new Fault(sentence, () -> change.apply(TinyModel.dense()), reason);
	}

	private static Fault experts(String sentence, UnaryOperator<TinyModel> change, String reason) {
		return new Fault(sentence, () -> change.apply(TinyModel.mixtureOfExperts()), reason);
	}

	private static Fault vocabulary(String sentence, String tokenizer, List<String> tokens, String reason) {
		return new Fault(sentence, () -> withVocabulary(tokenizer, tokens), reason);
	}

	private static TinyModel withVocabulary(String tokenizer, List<String> tokens) {
		return TinyModel.dense().remove(TOKENIZER + "token_type").remove(TOKENIZER + "bos_token_id")
				.remove(TOKENIZER + "eos_token_id").put(TOKENIZER + "model", Value.of(tokenizer))
				.put(TOKENIZER + "tokens", Value.texts(tokens))
				.tensor("token_embd.weight", TinyModel.EMBEDDING, tokens.size());
	}

	/** A SentencePiece vocabulary: three special tokens, all bytes, a word. */
	private static List<String> pieces() {
		List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
		IntStream.range(0, 256).mapToObj(value -> String.format(Locale.ROOT, "<0x%02X>", value)).forEach(tokens::add);
		tokens.add("▁the");
		return tokens;
	}

	private static List<String> pieces(String... more) {
		List<String> tokens = new ArrayList<>(pieces());
		tokens.addAll(List.of(more));
		return tokens;
	}

	private static List<String> piecesWithout(String token) {
		List<String> tokens = new ArrayList<>(pieces());
		tokens.remove(token);
		return tokens;
	}

	/** A trie of 256 nodes without an entry, and an empty text. */
	private static Value wholeCharacterMap() {
		int[] map = new int[4 + 256 * 4 + 1];
		map[1] = 4;
		return bytes(map);
	}

	private static Value bytes(int... values) {
		byte[] bytes = new byte[values.length];
		IntStream.range(0, values.length).forEach(i -> bytes[i] = (byte) values[i]);
		return new Value.Numbers(ValueType.U8, MemorySegment.ofArray(bytes));
	}

	static Stream<Fault> kinds() {
		return Stream.of(
				dense("an adapter", m -> m.put("general.type", Value.of("adapter")), "an adapter (LoRA)"),
				dense("an importance matrix", m -> m.put("general.type", Value.of("imatrix")), "an importance matrix"),
				dense("the eye of another model", m -> m.put("general.type", Value.of("mmproj")), "(mmproj)"),
				dense("a vocabulary by its type", m -> m.put("general.type", Value.of("vocab")), "without weights"),
				dense("something else by its type", m -> m.put("general.type", Value.of("tune")), "general.type tune"),
				dense("a model of no architecture", m -> m.remove("general.architecture"), "doesn't name its architecture"),
				dense("an unknown architecture", m -> m.put("general.architecture", Value.of("llama9")),
						"the architecture llama9 is unknown"),
				dense("the projector architecture", m -> m.put("general.architecture", Value.of("clip")), "(mmproj)"),
				dense("a draft head", m -> m.put("general.architecture", Value.of("eagle3")), "guesses ahead"),
				dense("an encoder with a decoder", m -> m.put("general.architecture", Value.of("t5")), "an encoder"),
				dense("a voice", m -> m.put("general.architecture", Value.of("wavtokenizer-dec")), "makes sound"),
				dense("a vocabulary without tensors", TinyModel::removeTensors, "a vocabulary but no tensors"));
	}

	static Stream<Fault> numbers() {
		return Stream.of(
				dense("no context length", m -> m.remove("llama.context_length"), "llama.context_length is missing"),
				dense("a context of 0", m -> m.number("context_length", 0), "llama.context_length is 0"),
				dense("a context of 4 G", m -> m.number("context_length", 0xFFFF_FFFFL), "llama.context_length is 4 294"),
				dense("no embedding length", m -> m.remove("llama.embedding_length"), "embedding_length is missing"),
				dense("no layers", m -> m.number("block_count", 0), "llama.block_count is 0"),
				dense("513 layers", m -> m.number("block_count", 513), "llama.block_count is 513, not between 1 and 512"),
				dense("layers counted in 64 bits",
						m -> m.put("llama.block_count", new Value.Int(ValueType.U64, 2)), "is of type u64, not u32"),
				dense("layers counted in a string", m -> m.put("llama.block_count", Value.of("2")),
						"is of type string, not u32"),
				dense("more layers for prediction than there are", m -> m.number("nextn_predict_layers", 2),
						"nextn_predict_layers is 2"),
				dense("lengths for more layers than there are",
						m -> m.put("llama.feed_forward_length", Value.ints(ValueType.U32, 96, 96, 96)),
						"feed_forward_length has 3 elements for 2 layers"),
				dense("an epsilon that is not a number",
						m -> m.put("llama.attention.layer_norm_rms_epsilon", Value.f32(Double.NaN)), "is not a number"),
				dense("a negative epsilon", m -> m.put("llama.attention.layer_norm_rms_epsilon", Value.f32(-1)),
						"layer_norm_rms_epsilon is negative"),
				dense("experts used that are not there", m -> m.number("expert_used_count", 2),
						"expert_used_count is 2, not between 0 and 0"),
				experts("513 experts", m -> m.number("expert_count", 513), "expert_count is 513, not between 0 and 512"),
				experts("a number of experts for each layer",
						m -> m.put("qwen3moe.expert_count", Value.ints(ValueType.U32, 8, 8)), "u32[], not u32"),
				experts("no experts used", m -> m.number("expert_used_count", 0), "expert_used_count is 0"),
				experts("more experts used than there are", m -> m.number("expert_used_count", 9),
						"expert_used_count is 9, not between 1 and 8"),
				experts("no experts used in one layer",
						m -> m.put("qwen3moe.expert_used_count", Value.ints(ValueType.U32, 2, 0)), "expert_used_count is 0"),
				experts("other experts used in one layer",
						m -> m.put("qwen3moe.expert_used_count", Value.ints(ValueType.U32, 2, 3)), "differs from layer"),
				experts("as many groups as experts", m -> m.number("expert_group_count", 8), "is 8 for 8 experts"),
				experts("groups that don't divide the experts", m -> m.number("expert_group_count", 3),
						"doesn't divide 8 experts"),
				experts("groups of which none is used", m -> m.number("expert_group_count", 2)
						.number("expert_group_used_count", 0), "expert_group_used_count is 0, not between 1 and 1"),
				experts("groups of which all are used", m -> m.number("expert_group_count", 2)
						.number("expert_group_used_count", 2), "expert_group_used_count is 2, not between 1 and 1"),
				experts("an unknown gating function", m -> m.number("expert_gating_func", 5), "expert_gating_func is 5"));
	}

	static Stream<Fault> heads() {
		return Stream.of(
				dense("no heads", m -> m.number("attention.head_count", 0), "head_count is missing or 0"),
				dense("heads for three of two layers",
						m -> m.put("llama.attention.head_count", Value.ints(ValueType.I32, 4, 4, 4)), "has 3 elements"),
				dense("heads that differ by layer",
						m -> m.put("llama.attention.head_count", Value.ints(ValueType.U32, 4, 2)), "differs from layer"),
				dense("a negative number of heads",
						m -> m.put("llama.attention.head_count", Value.ints(ValueType.I32, -4, -4)), "4 294 967 292"),
				dense("no heads for keys", m -> m.number("attention.head_count_kv", 0), "head_count_kv is 0 in layer 0"),
				dense("heads for keys that don't divide the others", m -> m.number("attention.head_count_kv", 3),
						"which doesn't divide the 4 heads there"),
				dense("keys without length", m -> m.number("attention.key_length", 0), "key_length is 0"),
				dense("keys longer than values", m -> m.number("attention.key_length", 32)
						.number("rope.dimension_count", 32), "key_length is 32 and attention.value_length 16"),
				dense("lengths that the tensors don't have", m -> m.number("attention.key_length", 32)
						.number("attention.value_length", 32).number("rope.dimension_count", 32),
						"blk.0.attn_q.weight has 64 rows"),
				dense("another length in layers with a window", m -> m.number("attention.key_length_swa", 8),
						"key_length_swa is not 16"),
				dense("a rotation of part of a head", m -> m.number("rope.dimension_count", 8),
						"rope.dimension_count is 8 for heads of 16"),
				dense("a rotation of nothing", m -> m.number("rope.dimension_count", 0), "rope.dimension_count is 0"),
				dense("rotated sections longer than a head",
						m -> m.put("llama.rope.dimension_sections", Value.ints(ValueType.I32, 8, 8, 8, 0)),
						"rope.dimension_sections is 24"),
				dense("an unknown stretch of the rotation", m -> m.put("llama.rope.scaling.type", Value.of("odd")),
						"rope.scaling.type is odd"));
	}

	static Stream<Fault> tensors() {
		return Stream.of(
				dense("no embeddings", m -> m.removeTensor("token_embd.weight"), "token_embd.weight is missing"),
				dense("fewer embeddings than tokens", m -> m.tensor("token_embd.weight", TinyModel.EMBEDDING, 100),
						"token_embd.weight has 100 rows for 263 tokens"),
				dense("no such pooling", m -> m.number("pooling_type", 5), "pooling_type is 5"),
				dense("ranking without a head", m -> m.number("pooling_type", 4), "no classification head"),
				dense("more labels than scores", m -> m.tensor("cls.output.weight", TinyModel.EMBEDDING, 1)
						.put("llama.classifier.output_labels", Value.texts(List.of("no", "yes"))), "has 1 rows for 2 classes"),
				dense("longer vectors than there are", m -> m.number("embedding_length_out", 128), "embedding_length_out is not 64"),
				dense("layers behind the pooling that don't fit", m -> m.tensor("dense_2.weight", TinyModel.EMBEDDING, 96)
						.tensor("dense_3.weight", 128, TinyModel.EMBEDDING), "dense_3.weight has 128 columns"),
				new Fault("quantized token types", () -> TinyModel.encoder().type("token_types.weight", TensorType.F16),
						"have to be F32"),
				dense("embeddings in F64", m -> m.type("token_embd.weight", TensorType.F64), "is of type F64"),
				dense("embeddings of integers", m -> m.type("token_embd.weight", TensorType.I32), "is of type I32"),
				dense("a matrix in Q8_1", m -> m.type("blk.1.attn_q.weight", TensorType.Q8_1),
						"blk.1.attn_q.weight is of type Q8_1, which the engine can't multiply with"),
				dense("a matrix of bytes", m -> m.type("blk.0.ffn_up.weight", TensorType.I8), "is of type I8"),
				dense("a norm in F16", m -> m.type("output_norm.weight", TensorType.F16), "have to be F32"),
				dense("a bias in F16", m -> m.tensor("blk.0.attn_q.bias", TensorType.F16, 64), "have to be F32"),
				dense("rotation frequencies in F16", m -> m.tensor("rope_freqs.weight", TensorType.F16, 8),
						"have to be F32"),
				dense("a tensor without elements", m -> m.tensor("blk.0.attn_q.bias", 0), "has no elements"),
				dense("tensors that can't be mapped", m -> m.put("general.alignment", Value.u32(8))
						.tensor("blk.0.attn_q.bias", 2).tensor("blk.0.attn_k.bias", 32), "not a multiple of 32"),
				experts("experts of integers", m -> m.type("blk.0.ffn_up_exps.weight", TensorType.I16),
						"is of type I16"));
	}

	static Stream<Fault> vocabularies() {
		return Stream.of(
				dense("no tokenizer", m -> m.remove(TOKENIZER + "model"), "tokenizer.ggml.model is missing"),
				dense("an unknown tokenizer", m -> m.put(TOKENIZER + "model", Value.of("wp")), "model is wp"),
				dense("no vocabulary on purpose", m -> m.put(TOKENIZER + "model", Value.of("no_vocab")),
						"it comes without a vocabulary"),
				dense("no tokens", m -> m.remove(TOKENIZER + "tokens"), "tokens is missing, or no array of strings"),
				dense("tokens that are numbers", m -> m.put(TOKENIZER + "tokens", Value.ints(ValueType.U32, 1, 2)),
						"no array of strings"),
				dense("an empty vocabulary", m -> m.put(TOKENIZER + "tokens", Value.texts(List.of())), "tokens is empty"),
				vocabulary("a token of 70 000 bytes", "llama", pieces("x".repeat(70_000)), "has 70 000 bytes"),
				vocabulary("a token of 600 bytes in a trie", "t5", pieces("x".repeat(600)), "has 600 bytes, at most 512"),
				vocabulary("two tokens with one text", "llama", pieces("▁the"), "have the same text '▁the'"),
				vocabulary("two tokens with one text up to a NUL", "llama", pieces("a\0b", "a\0c"), "have the same text 'a'"),
				vocabulary("a token named like an empty one", "llama", pieces("", "[EMPTY_260]"),
						"token 260 is empty, and another has the text"),
				dense("fewer scores than tokens", m -> m.put(TOKENIZER + "scores", Value.floats(1, 2)),
						"scores has 2 elements for 263 tokens"),
				dense("scores of 64 bits",
						m -> m.put(TOKENIZER + "scores",
								new Value.Numbers(ValueType.F64, MemorySegment.ofArray(new byte[263 * 8]))),
						"scores is f64[263], not an array of f32"),
				dense("types that are floats", m -> m.put(TOKENIZER + "token_type", Value.floats(new float[263])),
						"token_type is f32[263], not an array of i32"),
				dense("fewer types than tokens", m -> m.put(TOKENIZER + "token_type", Value.ints(ValueType.I32, 1)),
						"token_type has 1 elements"),
				dense("an end token beyond the vocabulary", m -> m.put(TOKENIZER + "eos_token_id", Value.u32(263)),
						"eos_token_id is 263 in a vocabulary of 263 tokens"),
				dense("an end token of another type",
						m -> m.put(TOKENIZER + "eos_token_id", new Value.Int(ValueType.I32, 1)), "is i32, not u32"),
				dense("an unknown pre-tokenizer", m -> m.put(TOKENIZER + "pre", Value.of("gpt-9")), "pre is gpt-9"),
				dense("a pre-tokenizer that leaves spaces", m -> m.put(TOKENIZER + "pre", Value.of("whitespace")),
						"only the tokenizer of that name"),
				dense("no merges", m -> m.remove(TOKENIZER + "merges"), "merges is missing"),
				dense("a first token that each prompt needs but none is",
						m -> m.remove(TOKENIZER + "bos_token_id").put(TOKENIZER + "pre", Value.of("glm4"))
								.put(TOKENIZER + "add_bos_token", Value.of(true)),
						"bos_token_id is missing, but this tokenizer needs"),
				vocabulary("pieces without a token for a byte", "llama", piecesWithout("<0xE6>"),
						"there is no token for the byte <0xE6>"),
				vocabulary("word pieces without a separator", "bert", List.of("▁a", "▁b"), "bos_token_id is missing"),
				vocabulary("RWKV tokens without their first byte", "rwkv", List.of("ab", "\\x0acd"),
						"unknown_token_id is missing"),
				new Fault("RWKV tokens whose first byte is no token",
						() -> withVocabulary("rwkv", List.of("ab", "b")).put(TOKENIZER + "unknown_token_id", Value.u32(0)),
						"begin with the byte 61"),
				new Fault("a character map of two bytes",
						() -> withVocabulary("t5", pieces()).put(TOKENIZER + "precompiled_charsmap", bytes(8, 0)),
						"precompiled_charsmap is shorter than it claims"),
				new Fault("a character map longer than it is",
						() -> withVocabulary("t5", pieces())
								.put(TOKENIZER + "precompiled_charsmap", bytes(8, 0, 0, 0, 1, 2, 3)),
						"precompiled_charsmap is shorter than it claims"),
				new Fault("a character map without an end",
						() -> withVocabulary("t5", pieces())
								.put(TOKENIZER + "precompiled_charsmap", bytes(4, 0, 0, 0, 0, 0, 0, 0, 'x')),
						"a last text without an end"),
				new Fault("a character map that points beyond its end",
						() -> withVocabulary("t5", pieces()).put(TOKENIZER + "precompiled_charsmap",
								bytes(4, 0, 0, 0, 0, 0xFF, 0, 0, 0)),
						"points beyond its end"));
	}

	@TempDir
	private Path directory;

	@ParameterizedTest(name = "{0}")
	@MethodSource({"kinds", "numbers", "heads", "tensors", "vocabularies"})
	void isRefusedWithItsReason(Fault fault) {
		Gguf model = Gguf.open(fault.model().get().write(directory.resolve("faulty.gguf")));

		ModelRejected rejected = assertThrows(ModelRejected.class, () -> ModelCheck.check(model));

		assertTrue(rejected.reason().contains(fault.reason()), rejected.reason());
		assertEquals(model.file(), rejected.file());
	}

	@ParameterizedTest(name = "{0} is fine")
	@ValueSource(strings = {"gpt-2", "qwen2", "llama-bpe", "deepseek-v3", "gpt-4o"})
	void aKnownPretokenizer(String pretokenizer) {
		TinyModel model = TinyModel.dense().put(TOKENIZER + "pre", Value.of(pretokenizer));

		assertEquals(TinyModel.vocabularySize(), ModelCheck.check(open(model)).vocabulary());
	}

	@Test
	void otherVocabulariesThatAreWholeAreFine() {
		ModelCheck.check(open(withVocabulary("llama", pieces())));
		ModelCheck.check(open(withVocabulary("t5", pieces()).put(TOKENIZER + "precompiled_charsmap",
				wholeCharacterMap())));
		ModelCheck.check(open(withVocabulary("rwkv",
				IntStream.range(0, 256).mapToObj(value -> String.format("\\x%02x", value)).toList())));
	}

	@Test
	void quantizedMatricesAndExpertsAreFine() {
		TinyModel model = TinyModel.mixtureOfExperts().type("token_embd.weight", TensorType.Q8_0)
				.type("blk.0.attn_q.weight", TensorType.Q4_0).type("blk.0.ffn_up_exps.weight", TensorType.Q4_0)
				.type("blk.1.ffn_gate_inp.weight", TensorType.F16);

		assertEquals(TinyModel.EXPERTS, ModelCheck.check(open(model)).experts());
	}

	private Gguf open(TinyModel model) {
		return Gguf.open(model.write(directory.resolve("fine.gguf")));
	}
}
