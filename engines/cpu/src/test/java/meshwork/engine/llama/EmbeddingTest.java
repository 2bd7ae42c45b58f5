package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.engine.Adapter;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelNotLoaded;
import meshwork.api.engine.Pooling;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.gguf.fixture.TinyModel;

/** Vectors of texts, scores of pairs, and adapters. */
@RunsHere
class EmbeddingTest {

	private static final int ROWS = 128;

	@TempDir
	Path folder;
	private LlamaEngine engine;

	@BeforeEach
	void start() {
		engine = Natives.engine();
	}

	@AfterEach
	void stop() {
		engine.close();
	}

	private Model load(TinyModel model, String name) {
		return engine.load(Natives.file(model.write(folder.resolve(name))), LoadOptions.DEFAULT, _ -> { });
	}

	private static Session open(Model model, Pooling pooling) {
		return model.open(SessionOptions.embedding(ROWS, 4, ROWS, 1, pooling));
	}

	private static void decode(Session session, int[]... inputs) {
		session.batch().clear();
		for (int sequence = 0; sequence < inputs.length; sequence++)
			for (int i = 0; i < inputs[sequence].length; i++)
				session.batch().add(inputs[sequence][i], i, sequence);
		session.decode();
	}

	private static float[] floats(MemorySegment vector) {
		return vector.toArray(JAVA_FLOAT);
	}

	private static float[] vector(Session session, int[] input) {
		decode(session, input);
		float[] vector = floats(session.embedding(0));
		session.memory().clear();
		return vector;
	}

	@Test
	void textsTogetherGiveTheVectorsThatTheyGiveAlone() {
		for (TinyModel file : List.of(TinyModel.encoder(), TinyModel.dense())) {
			Model model = load(file, "vectors.gguf");
			int[] cat = model.vocabulary().tokenize("the cat sat on the mat", false, true);
			int[] dog = model.vocabulary().tokenize("a dog", false, true);
			for (Pooling pooling : List.of(Pooling.MEAN, Pooling.CLS, Pooling.LAST))
				try (Session session = open(model, pooling)) {
					float[] catAlone = vector(session, cat);
					float[] dogAlone = vector(session, dog);

					decode(session, cat, dog);

					assertEquals(TinyModel.EMBEDDING, catAlone.length);
					assertArrayEquals(catAlone, floats(session.embedding(0)), 1e-4f);
					assertArrayEquals(dogAlone, floats(session.embedding(1)), 1e-4f);
					assertThrows(IllegalArgumentException.class, () -> session.embedding(2), "it was in no decode");
				}
			model.close();
		}
	}

	@Test
	void theMeanOfTheTokensIsTheVectorThatIsPooledSo() {
		try (Model model = load(TinyModel.encoder(), "mean.gguf"); Session pooled = open(model, Pooling.MEAN); Session each = open(model, Pooling.NONE)) {
			int[] text = model.vocabulary().tokenize("what is the capital of france", false, true);
			decode(each, text);
			var mean = new float[TinyModel.EMBEDDING];
			for (int row = 0; row < text.length; row++)
				for (int i = 0; i < mean.length; i++)
					mean[i] += floats(each.hidden(row))[i] / text.length;

			assertArrayEquals(mean, vector(pooled, text), 1e-4f);
			assertThrows(UnsupportedOperationException.class, () -> each.embedding(0));
			assertThrows(UnsupportedOperationException.class, () -> pooled.hidden(0));
		}
	}

	@Test
	void aDecoderThatReadsATextInPiecesGivesItsLastVector() {
		try (Model model = load(TinyModel.dense(), "pieces.gguf"); Session session = open(model, Pooling.LAST)) {
			int[] text = model.vocabulary().tokenize("a text in two pieces", false, true);
			float[] whole = vector(session, text);
			for (int i = 0; i < text.length; i++) {
				session.batch().clear();
				session.batch().add(text[i], i, 0);
				session.decode();
			}

			assertArrayEquals(whole, floats(session.embedding(0)), 1e-4f);
		}
	}

	@Test
	void aPairIsRankedByWhatItIs() {
		try (Model model = load(TinyModel.ranker(), "rank.gguf"); Session session = open(model, Pooling.RANK)) {
			int[] pair = model.vocabulary().pair("what is a cat", "a cat sat");
			float[] score = vector(session, pair);

			assertEquals(2, pair[0], "[CLS]");
			assertEquals(3, pair[model.vocabulary().tokenize("what is a cat", false, false).length + 1], "[SEP]");
			assertEquals(1, score.length);
			assertArrayEquals(score, vector(session, pair));
			assertTrue(score[0] != vector(session, model.vocabulary().pair("what is a cat", "on"))[0]);
		}
	}

	@Test
	void whatEmbedsDoesNotGenerate() {
		try (Model model = load(TinyModel.encoder(), "encoder.gguf"); Session session = open(model, Pooling.MEAN)) {
			decode(session, model.vocabulary().tokenize("a cat", false, true));

			assertThrows(EngineFailed.class, () -> model.open(SessionOptions.of(ROWS, 1)));
			assertThrows(UnsupportedOperationException.class, () -> session.sampler(SamplerOptions.GREEDY));
			assertThrows(UnsupportedOperationException.class, () -> session.logits(0));
			assertEquals(0, session.memory().end(0), "there is no memory to fill");
		}
	}

	@Test
	void anAdapterCountsAsMuchAsItsScaleSays() {
		Path file = TinyModel.adapter().write(folder.resolve("adapter.gguf"));
		try (Model model = load(TinyModel.dense(), "adapted.gguf")) {
			Adapter adapter = model.adapter(file);
			int[] text = model.vocabulary().tokenize("adapted", false, true);
			try (Session session = open(model, Pooling.LAST)) {
				float[] plain = vector(session, text);
				session.adapt(Map.of(adapter, 1f));
				float[] adapted = vector(session, text);
				session.adapt(Map.of(adapter, 0.5f));
				float[] half = vector(session, text);
				session.adapt(Map.of(adapter, 0f));
				float[] none = vector(session, text);
				session.adapt(Map.of());

				assertArrayEquals(plain, none);
				assertArrayEquals(plain, vector(session, text));
				double distance = distance(plain, adapted);
				assertTrue(distance > 1e-2, "it changes what the model gives by " + distance);
				assertTrue(distance(plain, half) < distance, "half of it by less");
				assertThrows(IllegalArgumentException.class, () -> session.adapt(Map.of(adapter, Float.NaN)));
			}
		}
	}

	@Test
	void anAdapterOfAnotherModelIsRefused() {
		Path file = TinyModel.adapter().tensor("blk.7.attn_q.weight.lora_a", 64, 4).tensor("blk.7.attn_q.weight.lora_b", 4, 64)
				.write(folder.resolve("other.gguf"));
		try (Model model = load(TinyModel.dense(), "base.gguf"); Model other = load(TinyModel.dense(), "second.gguf")) {
			assertThrows(ModelNotLoaded.class, () -> model.adapter(file));
			Adapter adapter = model.adapter(TinyModel.adapter().write(folder.resolve("right.gguf")));
			try (Session session = open(other, Pooling.LAST)) {
				assertThrows(IllegalArgumentException.class, () -> session.adapt(Map.of(adapter, 1f)));
			}
		}
	}

	private static double distance(float[] a, float[] b) {
		double sum = 0;
		for (int i = 0; i < a.length; i++)
			sum += (a[i] - b[i]) * (a[i] - b[i]);
		return Math.sqrt(sum);
	}
}
