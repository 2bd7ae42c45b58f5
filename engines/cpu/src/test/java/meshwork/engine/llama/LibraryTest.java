package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the files in a bundle to functions that can be called. */
class LibraryTest {

	private static final String DIGEST = "0123456789abcdef".repeat(4);

	@TempDir
	Path cache;

	private static NativeFiles files() {
		return new NativeFiles(DIGEST, Natives.files(Natives.FOLDER));
	}

	/** Libraries of whatever platform hold the names of what they offer; linkers may let a name be the end of another. */
	@Test
	void theLibrariesHaveEveryFunctionThatTheBindingCalls() throws IOException {
		StringBuilder all = new StringBuilder();
		for (URL file : Natives.files(Natives.FOLDER))
			all.append(new String(file.openStream().readAllBytes(), StandardCharsets.ISO_8859_1));
		for (Class<?> prototypes : List.of(Llama.class, Llama.Cpu.class))
			for (String name : Prototypes.names(prototypes))
				assertTrue(all.indexOf(name + "\0") >= 0, name);
	}

	@Test
	void librariesThatOthersLinkToGetANameOfTheirOwnOfTheSameLength() throws IOException {
		Path folder = files().extract(cache);
		List<Path> extracted = list(folder);

		assertEquals(Natives.files(Natives.FOLDER).size(), extracted.size());
		for (URL file : Natives.files(Natives.FOLDER)) {
			String name = Path.of(file.getPath()).getFileName().toString();
			boolean renamed = name.matches("(lib)?(ggml-base|ggml|llama)\\..*(so|dll)");
			assertEquals(!renamed, Files.exists(folder.resolve(name)), name);
			if (renamed)
				for (Path other : extracted)
					assertFalse(new String(Files.readAllBytes(other), StandardCharsets.ISO_8859_1).contains("\0" + name + "\0"),
							() -> other + " still asks for " + name);
		}
		assertEquals(3, files().linked().size());
		assertTrue(files().linked().stream().allMatch(name -> Files.exists(folder.resolve(name))));
	}

	@Test
	void manyMayExtractAtOnceAndFindWholeFiles() throws Exception {
		Path once = files().extract(Files.createDirectory(cache.resolve("once")));
		Map<String, byte[]> whole = bytes(once);
		try (var threads = Executors.newFixedThreadPool(4)) {
			Callable<Path> extract = () -> files().extract(cache.resolve("many"));
			for (var folder : threads.invokeAll(List.of(extract, extract, extract, extract))) {
				Map<String, byte[]> found = bytes(folder.get());
				assertEquals(whole.keySet(), found.keySet());
				whole.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
			}
		}
	}

	@Test
	void aFileThatIsHalfThereIsWrittenAnewAndAWholeOneIsLeftAlone() throws IOException {
		Path folder = files().extract(cache);
		Path half = list(folder).getFirst();
		Path other = list(folder).getLast();
		Object key = Files.readAttributes(other, "*").get("fileKey");
		byte[] whole = Files.readAllBytes(half);
		Files.write(half, Arrays.copyOf(whole, whole.length / 2));

		files().extract(cache);

		assertArrayEquals(whole, Files.readAllBytes(half));
		assertEquals(key, Files.readAttributes(other, "*").get("fileKey"));
	}

	@Test
	void aReleaseThatTheBindingDoesNotKnowIsNone() {
		assertTrue(Release.of("0.7.0").isEmpty());
		assertEquals("0.5.0", Release.of("0.5.0-dev").orElseThrow().version());
	}

	@Test
	void structsAreAsLargeAsTheHeadersMakeThem() {
		Release release = Release.of("0.5.0").orElseThrow();

		assertEquals(80, release.struct("llama_model_params").byteSize());
		assertEquals(160, release.struct("llama_context_params").byteSize());
		assertEquals(56, release.struct("llama_batch").byteSize());
		assertEquals(88, release.offset("llama_context_params", "cb_eval"));
		assertEquals(104, release.offset("llama_context_params", "type_k"));
		assertEquals(128, release.offset("llama_context_params", "embeddings"));
		assertEquals(133, release.offset("llama_context_params", "kv_unified"));
		assertEquals(136, release.offset("llama_context_params", "samplers"));
	}

	@Test
	void aLayoutThatHasMovedIsNoticed() {
		Release release = Release.of("0.5.0").orElseThrow();
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment zeros = arena.allocate(256);
			LinkageError refusal = assertThrows(LinkageError.class, () -> release.check(zeros, zeros));
			assertTrue(refusal.getMessage().contains("llama_model_params.n_gpu_layers is 0"), refusal.getMessage());
		}
	}

	private static List<Path> list(Path folder) throws IOException {
		try (Stream<Path> files = Files.list(folder)) {
			return files.sorted().toList();
		}
	}

	private static Map<String, byte[]> bytes(Path folder) throws IOException {
		return list(folder).stream().collect(Collectors.toMap(file -> file.getFileName().toString(), file -> {
			try {
				return Files.readAllBytes(file);
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}));
	}
}
