package meshwork.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;

/** {@code mesh:status}. */
@Component(service = StatusCommand.class)
@GogoCommand(scope = "mesh", function = "status")
public final class StatusCommand {

	private final BundleContext context;
	private final Services services;

	@Activate
	public StatusCommand(BundleContext context) {
		this.context = context;
		services = new Services(context);
	}

	@Descriptor("shows how this node is: models, memory, and what did not start")
	public void status() throws InvalidSyntaxException {
		ProcessHandle process = ProcessHandle.current();
		Instant started = process.info().startInstant().orElseGet(Instant::now);
		row("process", "%d, for %s".formatted(process.pid(), text(Duration.between(started, Instant.now()))));
		row("memory", memory());
		row("port", ports());
		row("models", services.with(Models.class, Models::list).stream().map(StatusCommand::text).collect(Collectors.joining(", ")));
		row("bundles", Integer.toString(context.getBundles().length));
		List<String> problems = problems();
		row("problems", problems.isEmpty() ? "none" : Integer.toString(problems.size()));
		problems.forEach(problem -> System.out.println("  " + problem));
	}

	private static void row(String name, String value) {
		System.out.printf("%-8s  %s%n", name, value);
	}

	private static String text(ServedModel model) {
		return model.id() + " " + ModelCommands.state(model);
	}

	private static String text(Duration duration) {
		return "%d h %d min %d s".formatted(duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart()).replaceFirst("^0 h (0 min )?", "");
	}

	private static String memory() {
		Runtime java = Runtime.getRuntime();
		String heap = "Java heap %s of %s".formatted(Table.bytes(java.totalMemory() - java.freeMemory()), Table.bytes(java.maxMemory()));
		try {
			for (String line : Files.readAllLines(Path.of("/proc/self/status")))
				if (line.startsWith("VmRSS:"))
					return "%s resident, %s".formatted(Table.bytes(Long.parseLong(line.replaceAll("\\D", "")) << 10), heap);
		} catch (IOException e) {
			// not Linux
		}
		return heap;
	}

	private String ports() throws InvalidSyntaxException {
		ServiceReference<?>[] found = context.getAllServiceReferences(null, "(http.port=*)");
		return found == null ? "not listening"
				: Arrays.stream(found).map(it -> it.getProperty("http.port").toString()).distinct().collect(Collectors.joining(", "));
	}

	/** Bundles that are not active, components that are not satisfied or failed. */
	private List<String> problems() {
		var problems = new ArrayList<String>();
		for (Bundle bundle : context.getBundles())
			if (bundle.getState() != Bundle.ACTIVE && bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null)
				problems.add("bundle %s is not started".formatted(bundle.getSymbolicName()));
		return services.with(ServiceComponentRuntime.class, runtime -> {
			for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs())
				for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component))
					problem(component, configuration, problems);
			return problems;
		});
	}

	private static void problem(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration, List<String> problems) {
		switch (configuration.state) {
			case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> problems.add("%s waits for its configuration, %s".formatted(component.name,
					String.join(", ", component.configurationPid)));
			case ComponentConfigurationDTO.UNSATISFIED_REFERENCE -> problems.add("%s waits for %s".formatted(component.name,
					Arrays.stream(configuration.unsatisfiedReferences).map(it -> it.name).collect(Collectors.joining(", "))));
			case ComponentConfigurationDTO.FAILED_ACTIVATION -> problems.add("%s failed: %s".formatted(component.name,
					configuration.failure.lines().findFirst().orElse("")));
			default -> {
				// satisfied or active
			}
		}
	}
}
