import { Button, SimpleGrid } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../../api/problems";
import { Header } from "../app/Header";
import { useProjects } from "../queries";
import { Loading } from "../shared/Loading";
import { Message } from "../shared/Message";
import { ProjectCard } from "./ProjectCard";
import { ProjectDialog } from "./ProjectDialog";
import classes from "./ProjectsPage.module.css";

export function ProjectsPage() {
  const [isAdding, setIsAdding] = useState(false);
  const projects = useProjects();
  const items = projects.data?.pages.flatMap((page) => page.items) ?? [];
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setIsAdding(true)}>
      New project
    </Button>
  );
  return (
    <div className={classes.page}>
      <Header />
      <main className={classes.main}>
        {projects.isPending && <Loading />}
        {projects.isError && (
          <Message title="The projects could not be loaded">
            {describeError(projects.error)}
          </Message>
        )}
        {projects.isSuccess && items.length === 0 && (
          <Message
            icon={<IconStack2 size={28} stroke={1.5} />}
            title="Start with a project"
            action={add}
          >
            A project holds images and the categories of what is in them. Draw around each object,
            or drag a box around it and let an engine propose the outline, then export the dataset.
          </Message>
        )}
        {items.length > 0 && (
          <>
            <div className={classes.title}>
              <h1>Projects</h1>
              {add}
            </div>
            <SimpleGrid
              type="container"
              cols={{ base: 1, "560px": 2, "860px": 3, "1200px": 4 }}
              spacing={16}
            >
              {items.map((project) => (
                <ProjectCard key={project.id} project={project} />
              ))}
            </SimpleGrid>
            {projects.hasNextPage && (
              <Button
                variant="default"
                mt={24}
                loading={projects.isFetchingNextPage}
                onClick={() => projects.fetchNextPage()}
              >
                More projects
              </Button>
            )}
          </>
        )}
      </main>
      <ProjectDialog opened={isAdding} onClose={() => setIsAdding(false)} />
    </div>
  );
}
