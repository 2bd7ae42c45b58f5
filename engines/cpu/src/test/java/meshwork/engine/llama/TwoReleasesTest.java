package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import meshwork.api.engine.Model;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** Two releases of llama.cpp in one process. */
@RunsHere
@EnabledIf("bothFetched")
class TwoReleasesTest {

	private static LlamaEngine newer;
	private static LlamaEngine older;
	private static Model newerModel;
	private static Model olderModel;

	static boolean bothFetched() {
		return Files.isDirectory(Natives.BEFORE);
	}

	@BeforeAll
	static void start() {
		newer = Natives.engine();
		older = Natives.engine("v0.4.0", Natives.BEFORE);
		newerModel = Natives.starter(newer);
		olderModel = Natives.starter(older);
	}

	@AfterAll
	static void stop() {
		newer.close();
		older.close();
	}

	@Test
	void bothSayTheSame() {
		try (Session one = newerModel.open(SessionOptions.of(512, 1)); Session other = olderModel.open(SessionOptions.of(512, 1))) {
			int[] prompt = newerModel.vocabulary().tokenize("Once upon a time", true, true);
			assertTrue(Greedy.of(one, 0, prompt, 40).agrees(Greedy.of(other, 0, prompt, 40).tokens()));
		}
	}

	@Test
	void aSequenceMovesFromOneToTheOtherAndBack() {
		move(newerModel, olderModel);
		move(olderModel, newerModel);
	}

	private static void move(Model from, Model to) {
		try (Session one = from.open(SessionOptions.of(512, 2)); Session other = to.open(SessionOptions.of(512, 2)); Arena arena = Arena.ofConfined()) {
			assertEquals(one.memory().format(), other.memory().format());
			int[] prompt = from.vocabulary().tokenize("Once upon a time", true, true);
			Greedy whole = Greedy.of(one, 0, prompt, 40);
			Greedy begun = Greedy.of(one, 1, prompt, 20);
			MemorySegment state = arena.allocate(one.memory().bytes(1));
			one.memory().save(1, state);
			other.memory().restore(0, state);

			Greedy rest = Greedy.on(other, 0, begun.tokens().getLast(), prompt.length + 19, 20);
			assertTrue(new Greedy(whole.tokens().subList(20, 40), whole.margins().subList(20, 40)).agrees(rest.tokens()));
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void eachHasLibrariesOfItsOwn() throws IOException {
		Set<String> mapped = Files.lines(Path.of("/proc/self/maps")).filter(line -> line.matches(".*/lib(g|l)-[0-9a-f]+\\.so"))
				.map(line -> line.substring(line.indexOf('/'))).collect(Collectors.toSet());

		// ggml-base, ggml and llama of each
		assertEquals(6, mapped.size(), mapped::toString);
	}
}
