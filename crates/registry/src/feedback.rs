//! Ratings and reviews of tools.

use enact_catalog::ReviewRecord;
use enact_types::limits::MAX_COMMENT_CHARS;
use enact_types::wire::{Feedback, FeedbackRequest, Review, Reviews};
use enact_types::{Needs, ToolName, Version};

use crate::texts::optional;
use crate::{Caller, Page, Registry, RegistryError, Selector};

impl Registry {
    /// Keeps what the caller says of a tool, in place of what the caller said before.
    pub async fn give_feedback(
        &self,
        caller: &Caller,
        name: &ToolName,
        request: FeedbackRequest,
    ) -> Result<Review, RegistryError> {
        let user = caller.may(Needs::Account)?;
        let rating = u8::try_from(request.rating)
            .ok()
            .filter(|rating| (1..=5).contains(rating))
            .ok_or_else(|| RegistryError::invalid("rating is a whole number from 1 to 5"))?;
        let version = Version::parse(&request.version)
            .map_err(|error| RegistryError::invalid(format!("version: {error}")))?;
        let comment = optional("comment", request.comment, MAX_COMMENT_CHARS)?;
        let selector = Selector::Exact(version.clone());
        let (tool, _) = self.resolve(caller, name, &selector).await?;
        let review = ReviewRecord {
            username: user.username.clone(),
            rating,
            version,
            comment,
            created_at: self.now(),
        };
        self.inner
            .catalog
            .set_feedback(&tool.id, &user.id, &review)
            .await?;
        Ok(shown(review))
    }

    /// How a tool is rated.
    pub async fn feedback(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<Feedback, RegistryError> {
        let tool = self.visible_tool(caller, name).await?;
        let (total, rating_count) = self.inner.catalog.ratings(&tool.id).await?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum and a count of small numbers, shown with two decimals"
        )]
        let average = total as f64 / rating_count.max(1) as f64;
        Ok(Feedback {
            rating: (average * 100.0).round() / 100.0,
            rating_count,
            downloads: tool.downloads,
        })
    }

    /// What users said of a tool.
    pub async fn reviews(
        &self,
        caller: &Caller,
        name: &ToolName,
        page: Page,
    ) -> Result<Reviews, RegistryError> {
        let tool = self.visible_tool(caller, name).await?;
        let catalog = &self.inner.catalog;
        let reviews = catalog.reviews(&tool.id, page.limit(), page.offset).await?;
        Ok(Reviews {
            reviews: reviews.into_iter().map(shown).collect(),
            total: catalog.ratings(&tool.id).await?.1,
            limit: page.limit(),
            offset: page.offset,
        })
    }
}

fn shown(review: ReviewRecord) -> Review {
    Review {
        username: review.username,
        rating: review.rating,
        version: review.version,
        comment: review.comment,
        created_at: review.created_at,
    }
}
