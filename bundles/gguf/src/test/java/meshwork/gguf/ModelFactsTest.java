package meshwork.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import meshwork.gguf.fixture.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model is, and how much memory it will take, is known before it is loaded. */
class ModelFactsTest {

	@TempDir
	private Path directory;

	@Test
	void theFactsOfAMixtureOfExpertsAreThoseOfItsFile() {
		ModelFacts facts = check(TinyModel.mixtureOfExperts());

		assertEquals("qwen3moe", facts.architecture());
		assertEquals(Optional.of("Tiny qwen3moe"), facts.name());
		assertTrue(facts.generates());
		assertTrue(facts.isMixtureOfExperts());
		assertEquals(141_120, facts.parameters());
		assertEquals(141_120 * 4, facts.tensorBytes());
		assertEquals(OptionalInt.of(0), facts.fileType());
		assertEquals(TinyModel.CONTEXT, facts.contextLength());
		assertFalse(facts.contextBound());
		assertEquals(List.of(4, 4), facts.heads());
		assertEquals(List.of(2, 2), facts.keyValueHeads());
		assertEquals(TinyModel.HEAD_LENGTH, facts.keyLength());
		assertEquals(List.of(0, 0), facts.windows());
		assertEquals(TinyModel.vocabularySize(), facts.vocabulary());
		assertEquals(TinyModel.EXPERTS, facts.experts());
		assertEquals(TinyModel.EXPERTS_USED, facts.expertsUsed());
		assertTrue(facts.chatTemplate().orElseThrow().contains("<|im_start|>"));
	}

	@Test
	void anEncoderMakesVectorsAndDoesNotGenerate() {
		ModelFacts facts = check(TinyModel.encoder());

		assertFalse(facts.generates());
		assertEquals(Optional.of(ModelFacts.Pooling.MEAN), facts.pooling());
		assertEquals(TinyModel.EMBEDDING, facts.vectorLength());
		assertEquals(0, facts.classes());
		assertTrue(facts.contextBound());
		assertEquals(1, check(TinyModel.ranker()).classes());
		assertEquals(Optional.empty(), check(TinyModel.dense()).pooling());
		assertFalse(check(TinyModel.dense().put("llama.attention.causal", Value.of(false))).generates());
	}

	@Test
	void learnedPositionsBoundTheContext() {
		assertTrue(check(TinyModel.dense().tensor("position_embd.weight", TinyModel.EMBEDDING, 256)).contextBound());
	}

	@Test
	void theCacheGrowsWithTheContextAndItsType() {
		ModelFacts facts = check(TinyModel.dense());

		MemoryEstimate half = MemoryEstimate.of(facts, 1024, 1, TensorType.F16);
		MemoryEstimate whole = MemoryEstimate.of(facts, 2048, 1, TensorType.F16);
		MemoryEstimate small = MemoryEstimate.of(facts, 2048, 1, TensorType.Q8_0);

		assertEquals(2L * 2 * 2 * 16 * 2 * 1024, half.cache());
		assertEquals(2 * half.cache(), whole.cache());
		assertEquals(whole.cache() * 34 / 64, small.cache());
		assertEquals(facts.tensorBytes(), whole.weights());
		assertEquals(0, whole.state());
		assertEquals(whole.weights() + whole.cache() + whole.compute(), whole.total());
	}

	@Test
	void layersWithAWindowAreKnown() {
		TinyModel model = TinyModel.dense().put("general.architecture", Value.of("gemma2"));
		for (String key : List.of("block_count", "context_length", "embedding_length", "attention.head_count",
				"attention.head_count_kv", "attention.key_length", "attention.value_length")) {
			model.put("gemma2." + key, Value.u32(switch (key) {
				case "block_count" -> TinyModel.LAYERS;
				case "context_length" -> 65_536;
				case "embedding_length" -> TinyModel.EMBEDDING;
				case "attention.head_count" -> TinyModel.HEADS;
				case "attention.head_count_kv" -> TinyModel.KEY_VALUE_HEADS;
				default -> TinyModel.HEAD_LENGTH;
			}));
		}
		ModelFacts facts = check(model.put("gemma2.attention.sliding_window", Value.u32(512)));

		assertEquals(List.of(512, 0), facts.windows());
		assertEquals(2L * 2 * 2 * 16 * 2 * 65_536, MemoryEstimate.of(facts, 65_536, 1, TensorType.F16).cache());
	}

	private ModelFacts check(TinyModel model) {
		return ModelCheck.check(Gguf.open(model.write(directory.resolve("model.gguf"))));
	}
}
