package meshwork.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import meshwork.jinja.Differential.Case;

/** The oracle of this bundle: what Python's Jinja2 makes of a template, this engine makes of it. */
class GoldenTest {

	static List<Case> cases() throws IOException {
		try (var golden = GoldenTest.class.getResourceAsStream("/golden.json")) {
			return Differential.read(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
		}
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("cases")
	void rendersWhatPythonRendersAndRefusesWhatPythonRefuses(Case golden) {
		assertEquals(golden.wanted(), golden.actual(), golden.template());
	}
}
