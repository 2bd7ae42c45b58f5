package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;

/** The whole node from the inside: the real engine, the starter model, through the service registry. */
@Timeout(180)
@ExtendWith({ BundleContextExtension.class, ServiceExtension.class })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServingTest {

	private static final Path STARTER = Path.of(System.getProperty("meshwork.itest.starter"));
	private static final List<String> QUESTIONS = List.of("What is Meshwork?", "hello", "How do I load a model?", "who are you?",
			"what port does it use?", "Tell me a story about a fox", "What is 7 plus 5?", "Write some SQL");

	/** In nats: what is further apart than this does not depend on rounding. */
	private static final double UNDECIDED = 2;

	private Models models;
	private Inference inference;

	@BeforeAll
	void serve(@InjectService(timeout = 10_000) Models models, @InjectService(timeout = 10_000) Inference inference) {
		this.models = models;
		this.inference = inference;
		models.load(new ModelSettings(STARTER, Optional.of("served"), 0, 8, 0));
	}

	@AfterAll
	void stopServing() {
		models.unload("served");
	}

	private List<PickedToken> answer(String question) throws InterruptedException {
		var prompt = new Prompt.Chat(new Conversation(List.of(new Message("user", question))));
		var request = new GenerationRequest("itest", "", "served", prompt, SamplerOptions.GREEDY, Optional.of(60), List.of(), 1, Optional.of(2), false,
				Optional.empty(), true);
		var tokens = new ArrayList<PickedToken>();
		try (Generation generation = inference.generate(request)) {
			while (true)
				switch (generation.next()) {
					case GenerationEvent.Piece piece -> tokens.addAll(piece.tokens());
					case GenerationEvent.Done _ -> {
						return tokens;
					}
					default -> {
					}
				}
		}
	}

	/** The same tokens, up to where the model was undecided: llama.cpp rounds by what else is in a step, experts amplify it, and there it decides. */
	private static int sameUntilUndecided(List<PickedToken> expected, List<PickedToken> actual) {
		for (int i = 0; i < expected.size(); i++) {
			var top = expected.get(i).top();
			if (top.get(0).logprob() - top.get(1).logprob() < UNDECIDED)
				return i;
			assertTrue(i < actual.size(), "it ends after " + i + " tokens");
			assertEquals(expected.get(i).token(), actual.get(i).token(), "token " + i);
		}
		assertEquals(expected.size(), actual.size());
		return expected.size();
	}

	@Test
	void eightStreamsAtOnceSayWhatTheySayOneByOne() throws Exception {
		List<List<PickedToken>> alone = new ArrayList<>();
		for (String question : QUESTIONS)
			alone.add(answer(question));
		int compared = 0;
		try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
			var running = QUESTIONS.stream().map(question -> threads.submit(() -> answer(question))).toList();
			for (int i = 0; i < QUESTIONS.size(); i++)
				compared += sameUntilUndecided(alone.get(i), running.get(i).get());
		}
		assertTrue(compared > 100, "only " + compared + " tokens could be compared");
	}

	@Test
	void noBrokenModelTakesTheNodeDown(@TempDir Path folder) throws Exception {
		byte[] whole = Files.readAllBytes(STARTER);
		List<PickedToken> before = answer(QUESTIONS.getFirst());
		var random = new Random(9337);
		int refused = 0;
		for (int i = 0; i < 150; i++) {
			// the header is where the structure is: its first kilobytes, or the tensor list near its end
			byte[] broken = whole.clone();
			for (int changes = random.nextInt(1, 4); changes > 0; changes--)
				broken[random.nextBoolean() ? random.nextInt(2_000) : random.nextInt(40_000)] = (byte) random.nextInt();
			Path file = Files.write(folder.resolve("broken.gguf"), broken);
			try {
				models.load(new ModelSettings(file, Optional.of("broken"), 64, 1, 0));
			} catch (ModelRefused e) {
				refused++;
				assertTrue(!e.getMessage().isBlank());
			}
			try {
				models.unload("broken");
			} catch (ModelUnknown e) {
				// refused models need not stay in the list
			}
		}
		assertTrue(refused > 50, refused + " were refused");
		sameUntilUndecided(before, answer(QUESTIONS.getFirst()));
	}

	@Test
	void aModelThatIsUnloadedIsUnknown() {
		models.load(new ModelSettings(STARTER, Optional.of("short-lived"), 256, 1, 0));
		models.unload("short-lived");
		var request = GenerationRequest.of("itest", "short-lived", new Prompt.Text("Once"), SamplerOptions.GREEDY);
		assertThrows(ModelUnknown.class, () -> inference.generate(request));
	}

	@Test
	void anEngineThatLeavesTakesItsModelsAndBringsThemBack(@InjectBundleContext BundleContext context) throws Exception {
		List<PickedToken> before = answer(QUESTIONS.getFirst());
		Bundle engine = List.of(context.getBundles()).stream().filter(each -> each.getSymbolicName().startsWith("meshwork.engine.cpu")).findFirst()
				.orElseThrow();
		restart(engine);
		sameUntilUndecided(before, answerOnceReady(QUESTIONS.getFirst()));
	}

	private static void restart(Bundle bundle) throws BundleException {
		bundle.stop();
		bundle.start();
	}

	/** While an engine is away its models are loading. */
	private List<PickedToken> answerOnceReady(String question) throws InterruptedException {
		while (true)
			try {
				return answer(question);
			} catch (InferenceException e) {
				Thread.sleep(20);
			}
	}
}
