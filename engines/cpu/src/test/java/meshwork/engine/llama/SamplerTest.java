package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Model;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.StageRejected;
import meshwork.api.engine.Vocabulary;

/** Every stage of a sampler, and grammars. */
@RunsHere
class SamplerTest {

	private static final Stage HOT = new Stage.Temperature(1.5f);

	private static LlamaEngine engine;
	private static Model model;
	private static Vocabulary vocabulary;
	private Session session;

	@BeforeAll
	static void load() {
		engine = Natives.engine();
		model = Natives.starter(engine);
		vocabulary = model.vocabulary();
	}

	@AfterAll
	static void unload() {
		engine.close();
	}

	@BeforeEach
	void open() {
		session = model.open(SessionOptions.of(512, 2));
	}

	@AfterEach
	void close() {
		session.close();
	}

	/** Samples tokens, up to one that ends. */
	private List<Integer> say(Sampler sampler, String prompt, int count) {
		session.memory().clear();
		int[] tokens = vocabulary.tokenize(prompt, true, true);
		for (int token : tokens)
			sampler.accept(token);
		return sayOn(sampler, tokens, count);
	}

	/** Samples tokens after those, which the sampler knows. */
	private List<Integer> sayOn(Sampler sampler, int[] tokens, int count) {
		Greedy.prefill(session, 0, tokens);
		List<Integer> said = new ArrayList<>();
		int token = tokens[tokens.length - 1];
		Batch batch = session.batch();
		while (said.size() < count && (said.isEmpty() || !vocabulary.ends(token))) {
			batch.clear();
			int row = batch.add(token, tokens.length - 1 + said.size(), 0);
			batch.sample(row, sampler);
			session.decode();
			token = batch.token(row, 0);
			said.add(token);
		}
		return said;
	}

	private List<Integer> say(SamplerOptions options, String prompt, int count) {
		try (Sampler sampler = session.sampler(options)) {
			return say(sampler, prompt, count);
		}
	}

	private static SamplerOptions options(long seed, Stage... stages) {
		return new SamplerOptions(List.of(stages), seed);
	}

	private static String text(List<Integer> tokens) {
		var bytes = new ByteArrayOutputStream();
		for (int token : tokens)
			bytes.writeBytes(vocabulary.bytes(token, false));
		return bytes.toString(StandardCharsets.UTF_8);
	}

	@Test
	void theSameSeedDrawsTheSameTokens() {
		List<Integer> first = say(options(7, HOT), "Once", 40);

		assertEquals(first, say(options(7, HOT), "Once", 40));
		assertNotEquals(first, say(options(8, HOT), "Once", 40));
		assertNotEquals(first, say(options(7L << 32, HOT), "Once", 40));
		assertEquals(say(options(-1, HOT), "Once", 40), say(options(-1, HOT), "Once", 40));
	}

	@Test
	void temperatureZeroIsGreedy() {
		List<Integer> greedy = say(SamplerOptions.GREEDY, "Once", 20);

		assertEquals(greedy, say(options(3, new Stage.Temperature(0)), "Once", 20));
		assertEquals(greedy, say(options(3, new Stage.TopK(1), HOT), "Once", 20));
	}

	@Test
	void biasBansAndForces() {
		List<Integer> plain = say(SamplerOptions.GREEDY, "Once", 1);
		var banned = new Stage.Bias(Map.of(plain.getFirst(), Float.NEGATIVE_INFINITY));
		var forced = new Stage.Bias(Map.of(77, 1000f));

		assertNotEquals(plain, say(options(0, banned, new Stage.Temperature(0)), "Once", 1));
		assertEquals(List.of(77, 77, 77), say(options(0, forced, HOT), "Once", 3));
	}

	static Stream<List<Stage>> chains() {
		return Stream.of(List.of(new Stage.Penalties(64, 1.3f, 0.2f, 0.1f), HOT), List.of(new Stage.Penalties(-1, 1.1f, 0, 0), HOT),
				List.of(new Stage.Dry(0.8f, 1.75f, 2, -1, List.of("\n", ":", "\"")), HOT), List.of(new Stage.TopNSigma(1), HOT),
				List.of(new Stage.TopK(5), HOT), List.of(new Stage.Typical(0.9f, 1), HOT), List.of(new Stage.TopP(0.8f, 1), HOT),
				List.of(new Stage.MinP(0.1f, 1), HOT), List.of(new Stage.Xtc(0.5f, 0.1f, 1), HOT),
				List.of(new Stage.Temperature(0.8f, 0.5f, 1)), List.of(HOT, new Stage.Mirostat(1, 5, 0.1f)),
				List.of(HOT, new Stage.Mirostat(2, 5, 0.1f)), List.of(new Stage.Grammar("root ::= [a-z ]+"), HOT),
				List.of(new Stage.Penalties(64, 1.1f, 0, 0), new Stage.Dry(0.8f, 1.75f, 2, 64, List.of("\n")), new Stage.TopNSigma(2),
						new Stage.TopK(40), new Stage.Typical(0.95f, 1), new Stage.TopP(0.95f, 1), new Stage.MinP(0.05f, 1),
						new Stage.Xtc(0.1f, 0.1f, 1), new Stage.Temperature(0.8f)));
	}

	@ParameterizedTest
	@MethodSource("chains")
	void everyStageSamplesAndReproduces(List<Stage> stages) {
		var options = new SamplerOptions(stages, 5);

		assertEquals(say(options, "Once upon", 20), say(options, "Once upon", 20));
	}

	@Test
	void penaltiesRememberWhatTheyWereToldOf() {
		int first = say(SamplerOptions.GREEDY, "Once", 1).getFirst();
		var options = options(0, new Stage.Penalties(64, 1, 0, 100), new Stage.Temperature(0));
		try (Sampler sampler = session.sampler(options)) {
			sampler.accept(first);
			assertNotEquals(first, say(sampler, "Once", 1).getFirst());
		}
	}

	@Test
	void aCopyDrawsWhatTheOriginalWouldHaveDrawn() {
		int[] prompt = vocabulary.tokenize("Once upon a time", true, true);
		try (Sampler original = session.sampler(options(11, new Stage.Penalties(64, 1.2f, 0, 0), HOT))) {
			List<Integer> said = say(original, "Once", 5);
			session.memory().clear();
			try (Sampler copy = original.copy()) {
				assertFalse(said.isEmpty());
				List<Integer> one = sayOn(original, prompt, 20);
				session.memory().clear();
				assertEquals(one, sayOn(copy, prompt, 20));
			}
		}
	}

	@Test
	void aSamplerThatIsToldWhatAnotherPickedDrawsWhatThatWouldHaveDrawn() {
		var options = options(21, new Stage.Bias(Map.of(vocabulary.end().orElseThrow(), Float.NEGATIVE_INFINITY)),
				new Stage.Penalties(64, 1.1f, 0, 0), new Stage.TopK(40), HOT);
		List<Integer> whole = say(options, "Once", 30);

		assertEquals(whole.subList(10, 30), resume(options, "Once", whole.subList(0, 10), 20));
	}

	@Test
	void aGrammarGoesOnWhereAnotherSamplerWas() {
		var options = options(3, new Stage.Grammar("root ::= \"{\\\"key\\\": \" [0-9]{4} \"}\""), HOT);
		List<Integer> whole = say(options, "Once", 40);

		List<Integer> begun = whole.subList(0, 3);
		List<Integer> both = new ArrayList<>(begun);
		both.addAll(resume(options, "Once", begun, 40));
		assertTrue(text(both).matches("\\{\"key\": [0-9]{4}\\}"), text(both));
	}

	/** What another sampler says after what was said. */
	private List<Integer> resume(SamplerOptions options, String prompt, List<Integer> said, int count) {
		int[] tokens = vocabulary.tokenize(prompt, true, true);
		session.memory().clear();
		try (Sampler later = session.sampler(options)) {
			for (int token : tokens)
				later.accept(token);
			said.forEach(later::replay);
			return sayOn(later, IntStream.concat(IntStream.of(tokens), said.stream().mapToInt(i -> i)).toArray(), count);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = {"yes|no", "[0-9]{3}-[0-9]{2}", "\\{\"a\": (true|false)\\}", "ä€😀"})
	void aGrammarAllowsNothingElse(String pattern) {
		String gbnf = switch (pattern) {
			case "yes|no" -> "root ::= \"yes\" | \"no\"";
			case "[0-9]{3}-[0-9]{2}" -> "root ::= [0-9] [0-9] [0-9] \"-\" [0-9]{2}";
			case "ä€😀" -> "root ::= \"ä€😀\"";
			default -> "root ::= \"{\\\"a\\\": \" bool \"}\"\nbool ::= \"true\" | \"false\"";
		};
		for (int seed = 0; seed < 5; seed++) {
			List<Integer> said = say(options(seed, new Stage.Grammar(gbnf), new Stage.Xtc(0.5f, 0.01f, 1), HOT), "Once upon a", 40);
			assertTrue(text(said).matches(pattern), text(said));
			assertTrue(vocabulary.ends(said.getLast()));
		}
	}

	@Test
	void aGrammarThatNoTokenSatisfiesEndsTheText() {
		int only = vocabulary.tokenize("a", false, false)[0];
		var stages = new Stage[] {new Stage.Grammar("root ::= \"a\" \"b\""), new Stage.Bias(Map.of(only, Float.NEGATIVE_INFINITY)), new Stage.TopK(1)};

		assertTrue(vocabulary.ends(say(options(0, stages), "Once", 3).getLast()));
	}

	@Test
	void aLazyGrammarWaitsForItsPattern() {
		// the bias makes the trigger likely, the grammar then leaves nothing but what follows it
		int trigger = vocabulary.tokenize("=", false, false)[0];
		var grammar = new Stage.Grammar("root ::= \"=\" \"12345\"", "root", List.of("(=)"), List.of());
		List<Integer> said = say(options(0, grammar, new Stage.Bias(Map.of(trigger, 1000f)), HOT), "Once", 20);

		assertEquals("=12345", text(said));
		assertTrue(vocabulary.ends(said.getLast()));
	}

	@Test
	void aLazyGrammarWaitsForItsToken() {
		int trigger = vocabulary.tokenize("=", false, false)[0];
		var grammar = new Stage.Grammar("root ::= \"=\" [x-z]{4}", "root", List.of(), List.of(trigger));

		assertTrue(text(say(options(0, grammar, new Stage.Bias(Map.of(trigger, 1000f)), HOT), "Once", 20)).matches("=[x-z]{4}"));
	}

	@Test
	void aTriggerThatTheGrammarDoesNotAllowEndsTheText() {
		int trigger = vocabulary.tokenize("=", false, false)[0];
		var grammar = new Stage.Grammar("root ::= \"no\"", "root", List.of(), List.of(trigger));
		List<Integer> said = say(options(0, grammar, new Stage.Bias(Map.of(trigger, 1000f)), HOT), "Once", 20);

		assertEquals(trigger, said.getFirst());
		assertTrue(vocabulary.ends(said.get(1)));
	}

	@ParameterizedTest
	@ValueSource(strings = {"", "root ::= \"a", "start ::= \"a\"", "root ::= undefined", "root ::= root \"a\"", "root ::= [a-z", "no grammar at all"})
	void aGrammarThatCannotBeReadIsRefused(String grammar) {
		var stage = new Stage.Grammar(grammar);
		assertEquals(stage, assertThrows(StageRejected.class, () -> session.sampler(options(0, stage))).stage());
	}

	@Test
	void aGrammarThatNestsTooDeepForTheStackIsRefused() {
		String deep = "root ::= " + "(".repeat(100_000) + "\"a\"" + ")".repeat(100_000);

		assertThrows(IllegalArgumentException.class, () -> session.sampler(options(0, new Stage.Grammar(deep))));
	}

	static Stream<Stage> nonsense() {
		return Stream.of(new Stage.Bias(Map.of(-1, 1f)), new Stage.Bias(Map.of(1 << 30, 1f)), new Stage.Bias(Map.of(1, Float.NaN)),
				new Stage.Penalties(64, 0, 0, 0), new Stage.Penalties(64, Float.NaN, 0, 0), new Stage.Penalties(-2, 1, 0, 0),
				new Stage.Penalties(64, 1, Float.POSITIVE_INFINITY, 0), new Stage.Dry(Float.NaN, 1, 2, 3, List.of()), new Stage.TopP(0.5f, -1),
				new Stage.Temperature(Float.NaN), new Stage.Mirostat(3, 5, 0.1f), new Stage.Grammar("root ::= \"a\"", "root", List.of("("), List.of()),
				new Stage.Grammar("root ::= \"a\"", "root", List.of(), List.of(1 << 30)));
	}

	@ParameterizedTest
	@MethodSource("nonsense")
	void aStageThatMakesNoSenseIsRefused(Stage stage) {
		assertThrows(IllegalArgumentException.class, () -> session.sampler(options(0, stage)));
	}
}
