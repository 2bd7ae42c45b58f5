package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Model;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** Whoever breaks a contract gets an exception; in C much of this would end the process. */
@RunsHere
class ContractTest {

	private static LlamaEngine engine;
	private static Model model;

	@BeforeAll
	static void load() {
		engine = Natives.engine();
		model = Natives.starter(engine);
	}

	@AfterAll
	static void unload() {
		engine.close();
	}

	private static Map<String, Consumer<Session>> violations() {
		var violations = new TreeMap<String, Consumer<Session>>();
		violations.put("an empty batch", Session::decode);
		violations.put("a token below the vocabulary", s -> s.batch().add(-1, 0, 0));
		violations.put("a token beyond the vocabulary", s -> s.batch().add(model.vocabulary().size(), 0, 0));
		violations.put("a position below 0", s -> s.batch().add(1, -1, 0));
		violations.put("a sequence below 0", s -> s.batch().add(1, 0, -1));
		violations.put("a sequence that is not there", s -> s.batch().add(1, 0, 4));
		violations.put("a shared sequence that is not there", s -> s.batch().add(1, 0, new int[] {0, 4}));
		violations.put("a sequence twice in a row", s -> s.batch().add(1, 0, new int[] {0, 0}));
		violations.put("a row without a sequence", s -> s.batch().add(1, 0, new int[0]));
		violations.put("a row with more sequences than there are", s -> s.batch().add(1, 0, new int[] {0, 1, 2, 3, 0}));
		violations.put("more rows than the batch takes", s -> {
			for (int i = 0; i <= s.batch().capacity(); i++)
				s.batch().add(1, i, 0);
		});
		violations.put("an output of no row", s -> s.batch().output(0));
		violations.put("a draft without a parent", s -> draft(s, 0, -1));
		violations.put("a draft after itself", s -> draft(s, 1, 1));
		violations.put("a draft after a later row", s -> draft(s, 0, 1));
		violations.put("siblings that hold the same token", s -> {
			Batch batch = s.batch();
			batch.add(1, 0, new int[] {0, 1});
			batch.draft(batch.add(2, 1, 0), 0);
			batch.draft(batch.add(2, 1, 1), 0);
		});
		violations.put("a position that leaves a gap", s -> {
			s.batch().add(1, 0, 0);
			s.batch().add(1, 2, 0);
			s.decode();
		});
		violations.put("a position that comes twice", s -> {
			s.batch().add(1, 0, 0);
			s.batch().add(1, 0, 0);
			s.decode();
		});
		violations.put("a sequence that begins later than at 0", s -> {
			s.batch().add(1, 5, 0);
			s.decode();
		});
		violations.put("a sampler of another session", s -> {
			try (Session other = model.open(SessionOptions.of(256, 1)); Sampler sampler = other.sampler(SamplerOptions.GREEDY)) {
				s.batch().sample(s.batch().add(1, 0, 0), sampler);
			}
		});
		violations.put("a sampler that was closed", s -> {
			Sampler sampler = s.sampler(SamplerOptions.GREEDY);
			sampler.close();
			s.batch().sample(s.batch().add(1, 0, 0), sampler);
		});
		violations.put("logits of a row that has none", s -> {
			s.batch().add(1, 0, 0);
			s.decode();
			s.logits(0);
		});
		violations.put("logits before any decode", s -> s.logits(0));
		violations.put("logits of a row beyond all", s -> s.logits(1 << 20));
		violations.put("logits of a row below 0", s -> s.logits(-1));
		violations.put("a hidden state that was not asked for", s -> {
			s.batch().output(s.batch().add(1, 0, 0));
			s.decode();
			s.hidden(0);
		});
		violations.put("the likelihood of no token", s -> {
			s.batch().output(s.batch().add(1, 0, 0));
			s.decode();
			s.likelihood(0, model.vocabulary().size(), 0);
		});
		violations.put("the end of a sequence that is not there", s -> s.memory().end(4));
		violations.put("a removal from a sequence that is not there", s -> s.memory().remove(-1, 0, -1));
		violations.put("a removal that ends before it begins", s -> s.memory().remove(0, 5, 2));
		violations.put("a copy to a sequence that is not there", s -> s.memory().copy(0, 4, 0, -1));
		violations.put("a copy that begins below 0", s -> s.memory().copy(0, 1, -3, -1));
		violations.put("keeping a sequence that is not there", s -> s.memory().keep(4));
		violations.put("a shift of a sequence that is not there", s -> s.memory().shift(4, 0, -1, 1));
		violations.put("the size of a sequence that is not there", s -> s.memory().bytes(4));
		violations.put("a picked token of no row", s -> s.batch().picked(0));
		violations.put("a picked token beyond those that were", s -> {
			try (Sampler sampler = s.sampler(SamplerOptions.GREEDY)) {
				s.batch().sample(s.batch().add(1, 0, 0), sampler);
				s.decode();
				s.batch().token(0, 1);
			}
		});
		violations.put("a sampler told of a token that is none", s -> {
			try (Sampler sampler = s.sampler(SamplerOptions.GREEDY)) {
				sampler.accept(-1);
			}
		});
		return violations;
	}

	private static void draft(Session session, int row, int parent) {
		session.batch().add(1, 0, 0);
		session.batch().add(2, 1, 0);
		session.batch().draft(row, parent);
	}

	@TestFactory
	Stream<DynamicTest> isRefusedAndTheSessionGoesOn() {
		return violations().entrySet().stream().map(violation -> DynamicTest.dynamicTest(violation.getKey(), () -> {
			try (Session session = model.open(new SessionOptions(256, 4, 64, 64, 1, 1))) {
				RuntimeException refusal = assertThrows(RuntimeException.class, () -> violation.getValue().accept(session));
				assertEquals(true, refusal instanceof IllegalArgumentException || refusal instanceof IndexOutOfBoundsException, refusal::toString);

				session.batch().clear();
				session.memory().clear();
				session.batch().add(1, 0, 0);
				session.decode();
				assertEquals(1, session.memory().end(0));
			}
		}));
	}

	@Test
	void moreSequencesThanLlamaHasAreRefused() {
		assertThrows(IllegalArgumentException.class, () -> model.open(SessionOptions.of(256, 100_000)));
	}
}
