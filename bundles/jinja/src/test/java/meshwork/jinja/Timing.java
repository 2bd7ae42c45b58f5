package meshwork.jinja;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Measures compiling templates and rendering 50 turns with them. */
final class Timing {

	private Timing() {
	}

	/** Prints, for each file, the medians in microseconds. */
	public static void main(String... files) throws IOException {
		List<Map<String, Object>> messages = new ArrayList<>();
		for (int turn = 0; turn < 50; turn++) {
			messages.add(Map.of("role", turn % 2 == 0 ? "user" : "assistant", "content",
					"Turn " + turn + ": the quick brown fox jumps over the lazy dog. ".repeat(8)));
		}
		Map<String, Object> context = Map.of("messages", messages, "add_generation_prompt", true, "bos_token", "<s>",
				"eos_token", "</s>");
		for (String file : files) {
			String source = Files.readString(Path.of(file));
			Template template = Template.compile(source);
			try {
				template.render(context);
			} catch (TemplateError refused) {
				System.out.println(Path.of(file).getFileName() + ": refused: " + refused.getMessage());
				continue;
			}
			System.out.printf("%s: compiled in %.0f us, rendered in %.0f us%n", Path.of(file).getFileName(),
					median(200, () -> Template.compile(source)), median(2000, () -> template.render(context)));
		}
	}

	private static double median(int times, Runnable task) {
		double[] micros = new double[times];
		for (int i = 0; i < times; i++) {
			long start = System.nanoTime();
			task.run();
			micros[i] = (System.nanoTime() - start) / 1e3;
		}
		Arrays.sort(micros, times / 2, times);
		return micros[times * 3 / 4];
	}
}
