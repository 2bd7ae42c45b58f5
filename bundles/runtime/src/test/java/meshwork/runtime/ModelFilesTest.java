package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.ServedModel.Facts;
import meshwork.gguf.Value;
import meshwork.gguf.fixture.TinyModel;

/** What is said of a GGUF before an engine sees it. */
@Timeout(60)
class ModelFilesTest {

	private static final long MEMORY = 1L << 30;

	@TempDir
	Path folder;

	private Path tiny() {
		return tiny(TinyModel.dense());
	}

	private Path tiny(TinyModel model) {
		return model.write(folder.resolve("tiny.gguf"));
	}

	private static ModelSettings settings(Path file, int context) {
		return new ModelSettings(file, Optional.of("m"), context, 2, 0);
	}

	private static ModelRefused refused(Path file, long memory) {
		return assertThrows(ModelRefused.class, () -> ModelFiles.gguf(settings(file, 0), memory));
	}

	@Test
	void itsFactsAreThoseOfTheFile() throws IOException {
		Path file = tiny();
		var model = ModelFiles.gguf(settings(file, 0), MEMORY);
		Facts facts = model.facts();
		assertEquals("Tiny llama", facts.name());
		assertEquals("llama", facts.architecture());
		assertEquals(TinyModel.CONTEXT, facts.context());
		assertEquals(Files.size(file), facts.fileBytes());
		assertTrue(facts.memoryBytes() > 0);
		assertEquals("gguf", model.file().format());
		assertEquals(file, model.file().path());
	}

	@Test
	void aContextThatIsAskedForIsTaken() {
		assertEquals(64, ModelFiles.gguf(settings(tiny(), 64), MEMORY).facts().context());
		assertEquals(1000, ModelFiles.gguf(settings(tiny(), 1000), MEMORY).facts().context());
	}

	@Test
	void theUsualContextGivesWayWhereMemoryIsShort() {
		var model = TinyModel.dense();
		model.number("context_length", 100_000);
		Path file = tiny(model);
		Facts roomy = ModelFiles.gguf(settings(file, 0), MEMORY).facts();
		assertEquals(8192, roomy.context());
		assertEquals(4096, ModelFiles.gguf(settings(file, 0), roomy.memoryBytes() - 1).facts().context());
	}

	@Test
	void aModelThatIsTooBigIsRefusedWithBothNumbers() {
		var refused = refused(tiny(), 700 << 10);
		assertEquals(Reason.TOO_BIG, refused.reason());
		assertTrue(refused.getMessage().matches("tiny.gguf takes about \\d+ MB of memory .* and 0 MB are free: .*"), refused.getMessage());
	}

	@Test
	void whatIsRefusedSaysWhatKindOfReasonItIs() throws IOException {
		assertEquals(Reason.NO_FILE, refused(folder.resolve("none.gguf"), MEMORY).reason());
		assertEquals(Reason.NO_FILE, refused(folder, MEMORY).reason());
		assertEquals(Reason.NOT_A_MODEL, refused(Files.writeString(folder.resolve("a.gguf"), "<html>not found</html>"), MEMORY).reason());
		var strange = TinyModel.dense();
		strange.put("general.architecture", Value.of("strange"));
		assertEquals(Reason.UNKNOWN_ARCHITECTURE, refused(tiny(strange), MEMORY).reason());
		var odd = TinyModel.dense();
		odd.number("attention.head_count", 0);
		assertEquals(Reason.MALFORMED, refused(tiny(odd), MEMORY).reason());
		Path cut = tiny();
		try (var file = new RandomAccessFile(cut.toFile(), "rw")) {
			file.setLength(file.length() - 100);
		}
		assertEquals(Reason.TRUNCATED, refused(cut, MEMORY).reason());
	}

	@ParameterizedTest
	@CsvSource({"models/qwen-4b-Q4_0.gguf, qwen-4b-Q4_0", "big-00001-of-00003.gguf, big", "a.b.gguf, a.b", "plain, plain", "demo.echo, demo"})
	void aModelIsCalledLikeItsFile(Path file, String id) {
		assertEquals(id, ModelFiles.id(file));
	}

	@Test
	void thisMachineHasMemory() {
		long bytes = AvailableMemory.bytes();
		assertTrue(bytes > 10 << 20 && bytes < 1L << 50, () -> bytes + " bytes");
	}
}
