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
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

	private String answer(String question) throws InterruptedException {
		var prompt = new Prompt.Chat(new Conversation(List.of(new Message("user", question))));
		var text = new StringBuilder();
		try (Generation generation = inference.generate(GenerationRequest.of("itest", "served", prompt, SamplerOptions.GREEDY).withMaxTokens(60))) {
			while (true)
				switch (generation.next()) {
					case GenerationEvent.Piece piece -> text.append(piece.text());
					case GenerationEvent.Done _ -> {
						return text.toString();
					}
					default -> {
					}
				}
		}
	}

	@Test
	void eightStreamsAtOnceSayWhatTheySayOneByOne() throws Exception {
		List<String> alone = new ArrayList<>();
		for (String question : QUESTIONS)
			alone.add(answer(question));
		try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<String>> running = QUESTIONS.stream().map(question -> threads.submit((Callable<String>) () -> answer(question))).toList();
			for (int i = 0; i < QUESTIONS.size(); i++)
				assertEquals(alone.get(i), running.get(i).get(), QUESTIONS.get(i));
		}
	}

	@Test
	void noBrokenModelTakesTheNodeDown(@TempDir Path folder) throws Exception {
		byte[] whole = Files.readAllBytes(STARTER);
		String before = answer(QUESTIONS.getFirst());
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
		assertEquals(before, answer(QUESTIONS.getFirst()));
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
		String before = answer(QUESTIONS.getFirst());
		Bundle engine = List.of(context.getBundles()).stream().filter(each -> each.getSymbolicName().startsWith("meshwork.engine.cpu")).findFirst()
				.orElseThrow();
		restart(engine);
		assertEquals(before, answerOnceReady(QUESTIONS.getFirst()));
	}

	private static void restart(Bundle bundle) throws BundleException {
		bundle.stop();
		bundle.start();
	}

	/** While an engine is away its models are loading. */
	private String answerOnceReady(String question) throws InterruptedException {
		while (true)
			try {
				return answer(question);
			} catch (InferenceException e) {
				Thread.sleep(20);
			}
	}
}
