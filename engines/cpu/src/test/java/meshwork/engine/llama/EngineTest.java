package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.ModelNotLoaded;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** Starting the engine, and loading models. */
@RunsHere
class EngineTest {

	private static final Path STARTER = Natives.STARTER.resolve("starter.gguf");

	private static LlamaEngine engine;

	@BeforeAll
	static void start() {
		engine = Natives.engine();
	}

	@AfterAll
	static void stop() {
		engine.close();
	}

	@Test
	void itSaysWhatItIs() {
		assertEquals("cpu", engine.description().name());
		assertEquals(Natives.RELEASE, engine.description().version());
		assertFalse(engine.description().detail().isEmpty());
	}

	@Test
	void aModelLoadsAndTellsHowFarItIs() {
		List<Double> shares = new ArrayList<>();
		try (Model model = engine.load(Natives.file(STARTER), LoadOptions.DEFAULT, shares::add)) {
			assertEquals(shares.stream().sorted().toList(), shares);
			assertEquals(1.0, shares.getLast());
			assertTrue(model.description().text().startsWith("qwen3moe"), model.description()::toString);
			assertTrue(model.description().parameters() > 1_000_000);
			assertEquals(Rollback.ANY, model.description().rollback());
		}
	}

	@Test
	void aModelLoadsWithoutAMapping() {
		try (Model model = engine.load(Natives.file(STARTER), new LoadOptions(false, false), share -> { })) {
			assertTrue(model.description().bytes() > 0);
		}
	}

	@Test
	void aModelInSeveralFilesIsTheSameModel(@TempDir Path folder) throws IOException {
		var parts = new ModelFile("gguf", Parts.of(STARTER, folder), "starter in two", Files.size(STARTER));
		try (Model whole = engine.load(Natives.file(STARTER), LoadOptions.DEFAULT, share -> { });
				Model joined = engine.load(parts, LoadOptions.DEFAULT, share -> { });
				Session one = whole.open(SessionOptions.of(256, 1));
				Session other = joined.open(SessionOptions.of(256, 1))) {
			int[] prompt = whole.vocabulary().tokenize("Once upon a time", true, true);

			assertEquals(whole.description(), joined.description());
			assertEquals(Greedy.of(one, 0, prompt, 20).tokens(), Greedy.of(other, 0, prompt, 20).tokens());
		}
	}

	@Test
	void anInterruptEndsTheLoading() {
		ModelFile file = Natives.file(STARTER);
		Thread.currentThread().interrupt();
		var refusal = assertThrows(ModelNotLoaded.class, () -> engine.load(file, LoadOptions.DEFAULT, share -> { }));

		assertTrue(Thread.interrupted());
		assertTrue(refusal.getMessage().contains("interrupted"), refusal.getMessage());
	}

	@Test
	void whoCannotBeToldOfTheProgressEndsTheLoading() {
		var refusal = assertThrows(ModelNotLoaded.class, () -> engine.load(Natives.file(STARTER), LoadOptions.DEFAULT, share -> {
			throw new CancellationException("enough");
		}));

		assertEquals("enough", refusal.getCause().getMessage());
	}

	@Test
	void whatIsNoModelIsRefusedInTheWordsOfLlama(@TempDir Path folder) throws IOException {
		Path text = Files.writeString(folder.resolve("text.gguf"), "this is no model");
		Path half = Files.write(folder.resolve("half.gguf"), Arrays.copyOf(Files.readAllBytes(STARTER), 100_000));
		Path none = folder.resolve("none.gguf");

		assertTrue(refusal(new ModelFile("gguf", List.of(text), "", 16)).contains("magic"));
		assertTrue(refusal(new ModelFile("gguf", List.of(half), "", 100_000)).contains("half.gguf"));
		assertTrue(refusal(new ModelFile("gguf", List.of(none), "", 0)).contains("none.gguf"));
		assertTrue(refusal(new ModelFile("safetensors", List.of(text), "", 16)).contains("safetensors"));
	}

	private static String refusal(ModelFile file) {
		return assertThrows(ModelNotLoaded.class, () -> engine.load(file, LoadOptions.DEFAULT, share -> { })).getMessage();
	}

	@Test
	void librariesOfAnotherReleaseThanTheBundleSaysAreRefused() {
		LinkageError refusal = assertThrows(LinkageError.class, () -> Natives.engine("v0.1.0", Natives.FOLDER));

		assertTrue(refusal.getMessage().contains("v0.1.0") && refusal.getMessage().contains(Natives.RELEASE), refusal.getMessage());
	}

	@Test
	void twoEnginesOnTheSameLibrariesLeaveEachOtherAlone() {
		LlamaEngine other = Natives.engine();
		Model model = Natives.starter(other);
		Model ours = Natives.starter(engine);
		other.close();

		assertThrows(IllegalStateException.class, () -> model.vocabulary().tokenize("a", false, false));
		assertEquals(1, ours.vocabulary().tokenize("a", false, false).length);
		ours.close();
	}
}
