package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Model;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The oracle of the binding: what llama.cpp's own program and the trainer say of the starter, it says too. */
@RunsHere
class GoldenTest {

	/** How far llama.cpp may be from the trainer. */
	private static final double SHARE = 0.005;

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

	/** {@code src/test/golden/make.py} made the file. */
	@TestFactory
	Stream<DynamicTest> greedyTokensAreThoseOfLlamaServer() throws Exception {
		try (InputStream file = GoldenTest.class.getResourceAsStream("/golden.json")) {
			return JsonMapper.shared().readTree(file).get("prompts").valueStream()
					.map(prompt -> DynamicTest.dynamicTest('"' + prompt.get("text").asString() + '"', () -> compare(prompt)));
		}
	}

	private static void compare(JsonNode golden) {
		int[] prompt = ints(golden.get("prompt")).stream().mapToInt(i -> i).toArray();
		assertArrayEquals(prompt, model.vocabulary().tokenize(golden.get("text").asString(), true, true));

		List<Float> margins = golden.get("margins").valueStream().map(JsonNode::floatValue).toList();
		var wanted = new Greedy(ints(golden.get("tokens")), margins);
		try (Session session = model.open(SessionOptions.of(1024, 1))) {
			Greedy found = Greedy.of(session, 0, prompt, wanted.tokens().size());
			assertTrue(wanted.agrees(found.tokens()), () -> wanted + " / " + found);
		}
	}

	private static List<Integer> ints(JsonNode numbers) {
		return numbers.valueStream().map(JsonNode::intValue).toList();
	}

	/** {@code heldout.json} says how the numbers are to be reckoned. */
	@Test
	void theLikelihoodOfHeldOutTextIsThatOfTheTrainer() throws Exception {
		JsonNode heldOut = JsonMapper.shared().readTree(Natives.STARTER.resolve("heldout.json"));
		String end = "<|endoftext|>";
		String[] documents = Files.readString(Natives.STARTER.resolve("heldout.txt")).split("(?<=" + Pattern.quote(end) + ")\n");
		Map<String, List<Double>> domains = new TreeMap<>();
		try (Session session = model.open(SessionOptions.of(2048, 1))) {
			for (int i = 0; i < documents.length; i++) {
				JsonNode document = heldOut.get("documents").get(i);
				List<Double> losses = losses(session, model.vocabulary().tokenize(documents[i], true, false));
				domains.computeIfAbsent(document.get("domain").asString(), name -> new ArrayList<>()).addAll(losses);
				domains.computeIfAbsent("all", name -> new ArrayList<>()).addAll(losses);
			}
		}

		domains.forEach((domain, losses) -> {
			double expected = heldOut.get("q8_0").get(domain).doubleValue();
			double found = losses.stream().mapToDouble(loss -> loss).average().orElseThrow();
			assertTrue(Math.abs(found / expected - 1) <= SHARE, () -> domain + ": " + found + ", the trainer has " + expected);
		});
	}

	/** How unlikely each token of a text was, given those before it, in nats. */
	private static List<Double> losses(Session session, int[] tokens) {
		session.memory().clear();
		Batch batch = session.batch();
		batch.clear();
		for (int i = 0; i < tokens.length - 1; i++)
			batch.output(batch.add(tokens[i], i, 0));
		session.decode();
		List<Double> losses = new ArrayList<>();
		for (int i = 0; i < tokens.length - 1; i++)
			losses.add((double) -session.likelihood(i, tokens[i + 1], 0).logprob());
		return losses;
	}
}
